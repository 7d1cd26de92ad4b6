/** Ends a switch over a union: a new case is a type error here, and a bug if it is reached. */
export const assertNever = (value: never): never => {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
};
