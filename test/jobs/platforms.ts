import type { Card } from '../../src/chat/card.ts';
import type { Destination, MessageRef, Platform, PlatformName, Posting } from '../../src/chat/platform.ts';

export type Shown = { readonly at: string; readonly card: Card } & (
  | { readonly how: 'post' }
  | { readonly how: 'update'; readonly message: string }
);

export interface RecordingPlatform extends Platform {
  /** What it was asked to show, in order, as far as it did. */
  readonly shown: Shown[];
  /** What happens to the coming attempts, one each: an error, or something to wait for. Then all goes well. */
  readonly fates: (Error | (() => Promise<void>))[];
  /** Milliseconds that the coming messages must wait, one each; then none. */
  readonly waits: number[];
  /** Of each message that was posted, whether an earlier try may have posted it. */
  readonly again: boolean[];
}

/** The far end: a chat platform that shows what it is given and gives each message a name. */
export const recordingPlatform = (name: PlatformName = 'console'): RecordingPlatform => {
  const shown: Shown[] = [];
  const fates: RecordingPlatform['fates'] = [];
  const waits: number[] = [];
  const again: boolean[] = [];
  let messages = 0;
  const meet = async (): Promise<void> => {
    const fate = fates.shift();
    if (fate instanceof Error) throw fate;
    await fate?.();
  };
  return {
    name,
    shown,
    fates,
    waits,
    again,
    turn: () => waits.shift() ?? 0,
    post: async (to: Destination, card: Card, posting: Posting = {}): Promise<MessageRef> => {
      again.push(posting.again === true);
      await meet();
      messages += 1;
      shown.push({ how: 'post', at: `${to.kind}/${to.id}`, card });
      return { message: `m${messages}`, at: `${to.kind}/${to.id}` };
    },
    update: async ({ message = '', at = '' }, card) => {
      await meet();
      shown.push({ how: 'update', at, message, card });
    },
  };
};
