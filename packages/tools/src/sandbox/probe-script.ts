/**
 * What the self-test runs inside: JavaScript for Node, which is there wherever Hearth is. Prints one JSON object: probe → what came
 * of it, "reached" where nothing prevented it.
 */
export const PROBE_SCRIPT = String.raw`
const fs = require("node:fs"), net = require("node:net"), { spawnSync, spawn } = require("node:child_process");
const given = JSON.parse(process.argv[1]);
const out = {};
const attempt = (name, work) => { try { out[name] = work() ?? "reached"; } catch (error) { out[name] = String(error.code ?? error.message); } };
attempt("write outside", () => fs.writeFileSync("/usr/hearth-probe", "x"));
attempt("write the workspace", () => fs.writeFileSync(given.workspace + "/hearth-probe-write", "x"));
attempt("read home", () => void fs.readdirSync(given.home));
attempt("read the users' list", () => void fs.readFileSync("/etc/passwd"));
attempt("other processes", () => fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length > 8 ? "reached" : "only its own");
attempt("new namespace", () => spawnSync("/usr/bin/unshare", ["-Ur", "true"]).status === 0 ? "reached" : "refused");
attempt("environment", () => Object.keys(process.env).some((name) => /HEARTH|TOKEN|KEY|SECRET|PASSWORD/i.test(name)) || fs.readFileSync("/proc/1/environ", "latin1").includes(given.canary) ? "reached" : "clean");
attempt("privileges", () => { const s = fs.readFileSync("/proc/self/status", "utf8"); const is = (key, value) => new RegExp("^" + key + ":\\s*" + value + "$", "m").test(s); return is("CapEff", "0+") && is("NoNewPrivs", "1") && is("Seccomp", "2") ? "none, and filtered" : "reached"; });
spawn("/usr/bin/setsid", ["sleep", given.orphan], { detached: true, stdio: "ignore" }).unref();
const connect = (name, where) => new Promise((done) => { const socket = net.connect(where); const end = (text) => { out[name] = text; socket.destroy(); done(); }; socket.on("connect", () => end("reached")); socket.on("error", (error) => end(error.code)); setTimeout(() => end("no answer"), 1000).unref(); });
Promise.all([connect("this machine's ports", { host: "127.0.0.1", port: given.port }), connect("local sockets", { path: given.socket })]).then(() => { process.stdout.write(JSON.stringify(out)); process.exit(0); });
`;
