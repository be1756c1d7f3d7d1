/** The events of a source that is made when they are first asked for. Once it is there, events pass without a detour. */
export function later<T>(make: () => Promise<AsyncIterable<T>>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      let making: Promise<AsyncIterator<T>> | undefined;
      let made: AsyncIterator<T> | undefined;
      const begin = async (): Promise<AsyncIterator<T>> => {
        made = (await make())[Symbol.asyncIterator]();
        return made;
      };
      return {
        next() {
          if (made !== undefined) return made.next();
          making ??= begin();
          return making.then((events) => events.next());
        },
        async return() {
          // A source that failed has said so to whoever asked for the event.
          const events = await making?.catch(() => undefined);
          await events?.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
