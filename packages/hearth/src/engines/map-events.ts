/**
 * Each event of a source as none, one or several others, and some more at its end. An iterator by hand: an async generator
 * round another costs several promises an event, and events are many.
 */
export function mapEvents<A, B>(
  source: AsyncIterable<A>,
  each: (event: A, out: B[]) => void,
  end: (out: B[]) => void,
): AsyncIterableIterator<B> {
  const from = source[Symbol.asyncIterator]();
  let out: B[] = [];
  let next = 0;
  let over = false;

  const step = (result: IteratorResult<A>): IteratorResult<B> | Promise<IteratorResult<B>> => {
    out = [];
    next = 0;
    if (result.done === true) {
      over = true;
      end(out);
    } else each(result.value, out);
    if (out.length > 0) return { value: out[next++]!, done: false };
    return over ? { value: undefined, done: true } : from.next().then(step);
  };

  return {
    next() {
      if (next < out.length) return Promise.resolve({ value: out[next++]!, done: false });
      if (over) return Promise.resolve({ value: undefined, done: true });
      return from.next().then(step);
    },
    async return() {
      over = true;
      out = [];
      next = 0;
      await from.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
