/** A binary heap: takes out the first of what it holds, as `comesBefore` orders it, in O(log n). */
export interface Heap<T> {
  readonly size: () => number;
  readonly first: () => T | undefined;
  readonly add: (item: T) => void;
  readonly take: () => T | undefined;
}

export const createHeap = <T>(comesBefore: (a: T, b: T) => boolean): Heap<T> => {
  const items: T[] = [];

  /** Moves `item` from the free place `hole` towards the root, past what it comes before. */
  const rise = (item: T, hole: number): void => {
    let place = hole;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || !comesBefore(item, parent)) break;
      items[place] = parent;
      place = above;
    }
    items[place] = item;
  };

  /** Puts `item` into the root's place, below what comes before it. */
  const sink = (item: T): void => {
    let place = 0;
    for (;;) {
      const left = items[2 * place + 1];
      const right = items[2 * place + 2];
      const child = right !== undefined && left !== undefined && comesBefore(right, left) ? right : left;
      if (child === undefined || !comesBefore(child, item)) break;
      items[place] = child;
      place = 2 * place + (child === left ? 1 : 2);
    }
    items[place] = item;
  };

  return {
    size: () => items.length,
    first: () => items[0],
    add: (item) => rise(item, items.length),
    take: () => {
      const first = items[0];
      const last = items.pop();
      if (last !== undefined && items.length > 0) sink(last);
      return first;
    },
  };
};
