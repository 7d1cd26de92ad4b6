/** What a reading is of: the bytes that run, or the configuration they run with. */
export const aspects = ['artifact', 'configuration'] as const;
export type Aspect = (typeof aspects)[number];
