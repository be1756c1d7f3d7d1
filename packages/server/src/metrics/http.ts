import type { Observer } from "../observe/index.ts";
import { Counter, Gauge, Histogram, type Metric } from "./instruments.ts";

/** Seconds; a stream counts to its end. */
const EXCHANGE_S = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800];

/** Answers over HTTP. Routes are those that were mounted, so there are as many as there are; no label names a client or tenant. */
export function httpMetrics(streamClients: () => number): { observer: Observer; metrics: Metric[] } {
  const requests = new Counter("hearth:http_requests_total", "Answers, by route and status.", [
    "method",
    "route",
    "status",
  ]);
  const left = new Counter("hearth:http_clients_left_total", "Clients that went away before the end.", [
    "route",
  ]);
  const duration = new Histogram(
    "hearth:http_request_duration_seconds",
    "From a request to the end of its answer.",
    EXCHANGE_S,
    ["route"],
  );
  return {
    observer: {
      exchange(exchange) {
        const route = exchange.route === "" ? "none" : exchange.route;
        // Methods are the client's to make up.
        const method = METHODS.has(exchange.method) ? exchange.method : "other";
        requests.add(1, method, route, String(exchange.status));
        if (exchange.left) left.add(1, route);
        duration.observe(exchange.ms / 1000, route);
      },
    },
    metrics: [
      requests,
      left,
      duration,
      new Gauge("hearth:sse_clients", "Clients that read a stream of events now.", streamClients),
    ],
  };
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]);
