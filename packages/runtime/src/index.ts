/**
 * Settings into wired parts: what the command, the service and evaluations share.
 * Rooms, lowest first: config, stop, log, models, discovery, assemble, doctor, sessions.
 */
export * from "./assemble/index.ts";
export * from "./config/index.ts";
export * from "./discovery/index.ts";
export * from "./doctor/index.ts";
export * from "./log/index.ts";
export * from "./models/index.ts";
export * from "./sessions/index.ts";
export * from "./stop/index.ts";
