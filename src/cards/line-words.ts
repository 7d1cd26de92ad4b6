/** What is said to those who call the number that is always answered, and to those who are rung for them. */

export const greeting = (page: number): string => `Your call is page ${page}.`;

export const menu = (services: readonly string[]): string =>
  services.map((service, i) => `For ${service}, press ${i + 1}.`).join(' ');

export const ringing = 'Whoever is on call is being told. Please stay on the line.';

/** A voicemail box presses no key: a person has to. */
export const whisper = (caller: string, service: string | null): string =>
  `Signalbox. A call from ${[...caller].join(' ')}${service === null ? '' : ` about ${service}`}. Press 1 to take it.`;

export const connected = 'You are connected.';

export const nobodyCame =
  'Nobody could be reached yet. They are still being paged. Please say what is wrong after the tone.';

export const nothingSaid = 'Nothing was recorded. You will be called back.';
export const recorded = 'Thank you. You will be called back.';
export const goodbye = 'Goodbye.';
