/**
 * Runs inside the sandbox, before the program: an ordinary proxy's port on the sandbox's own loopback, each connection handed out over
 * descriptor 4. It decides nothing; whoever is inside may replace it and gains nothing by it. Words: the port, then the program.
 */
import { spawn } from "node:child_process";
import { createServer, Socket } from "node:net";
import { constants } from "node:os";
import { Mux } from "./mux.ts";

const [port = "", program = "", ...args] = process.argv.slice(2);
const mux = new Mux(new Socket({ fd: 4, readable: true, writable: true }));
const server = createServer({ allowHalfOpen: true }, (socket) => {
  const channel = mux.open();
  socket.on("error", () => channel.destroy());
  channel.on("close", () => socket.destroy());
  socket.on("close", () => channel.destroy());
  socket.pipe(channel).pipe(socket);
});

server.listen(Number(port), "127.0.0.1", () => {
  const child = spawn(program, args, { stdio: "inherit" });
  child.once("error", (error) => {
    process.stderr.write(`${program}: ${error.message}\n`);
    process.exit(127);
  });
  child.once("exit", (code, signal) =>
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
  );
});
