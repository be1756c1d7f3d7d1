/**
 * Settings into wired parts: what the command, the service and evaluations share.
 * Rooms, lowest first: config, discovery, doctor.
 */
export * from "./config/index.ts";
