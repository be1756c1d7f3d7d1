/** Whether a journal setting names a PostgreSQL database. */
export function isPostgresUrl(text: string | undefined): text is string {
  return text !== undefined && /^postgres(ql)?:\/\//i.test(text);
}

/** The database as it may be shown: host, port and name, never who or with which password. */
export function shownUrl(text: string): string {
  try {
    const { host, pathname } = new URL(text);
    return `postgres://${host || "localhost"}${pathname}`;
  } catch {
    return "postgres://…";
  }
}
