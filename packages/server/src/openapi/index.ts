/**
 * Routes and what they say of themselves: shapes of bodies as JSON Schema with their types, their validation, `/openapi.json`.
 * Owns no route and no wire.
 */
export { openApiDocument } from "./document.ts";
export { type RouteSpec, Routes } from "./routes.ts";
export * from "./shape.ts";
