import { auditFile, type Config } from "@hearth/runtime";
import { AuditLog, localUser } from "@hearth/tools";
import type { JsonObject } from "hearth";

/** Writes what becomes of keys into the audit of the tools, one chain for both; does nothing where none is kept. Never the key itself. */
export function keyAudit(config: Config): (entry: JsonObject) => Promise<void> {
  const file = auditFile(config);
  if (file === undefined) return async () => undefined;
  const log = new AuditLog(file);
  const user = localUser();
  return (entry) => log.append({ time: new Date().toISOString(), user, ...entry });
}
