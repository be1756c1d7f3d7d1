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
attempt("read home", () => fs.readdirSync(given.home).length > 0 ? "reached" : "empty");
attempt("read the users' list", () => void fs.readFileSync("/etc/passwd"));
attempt("change a file outside", () => { const ways = [() => fs.chmodSync(given.outside, 0o600), () => fs.truncateSync(given.outside), () => fs.utimesSync(given.outside, 1, 1), () => fs.renameSync(given.outside, given.outside + "-moved"), () => fs.appendFileSync(given.outside, "x")]; let why; for (const way of ways) { try { way(); return "reached"; } catch (error) { why = error.code; } } return why; });
attempt("signal the runtime", () => void process.kill(given.pid, 0));
attempt("other processes", () => fs.readdirSync("/proc").some((name) => { try { return /^\d+$/.test(name) && fs.readFileSync("/proc/" + name + "/cmdline", "latin1") === given.runtime; } catch { return false; } }) ? "reached" : "only its own");
attempt("new namespace", () => spawnSync("/usr/bin/unshare", ["-Ur", "true"]).status === 0 ? "reached" : "refused");
attempt("environment", () => Object.keys(process.env).some((name) => /HEARTH|TOKEN|KEY|SECRET|PASSWORD/i.test(name)) || fs.readFileSync("/proc/1/environ", "latin1").includes(given.canary) ? "reached" : "clean");
attempt("privileges", () => { const s = fs.readFileSync("/proc/self/status", "utf8"); const is = (key, value) => new RegExp("^" + key + ":\\s*" + value + "$", "m").test(s); return is("CapEff", "0+") && is("NoNewPrivs", "1") && is("Seccomp", "2") ? "none, and filtered" : "reached"; });
spawn("/usr/bin/setsid", ["sleep", given.orphan], { detached: true, stdio: "ignore" }).unref();
const connect = (name, where) => new Promise((done) => { const socket = net.connect(where); const end = (text) => { out[name] = text; socket.destroy(); done(); }; socket.on("connect", () => end("reached")); socket.on("error", (error) => end(error.code)); setTimeout(() => end("no answer"), 1000).unref(); });
Promise.all([connect("this machine's ports", { host: "127.0.0.1", port: given.port }), connect("local sockets", { path: given.socket })]).then(() => { process.stdout.write(JSON.stringify(out)); process.exit(0); });
`;
