// Owns the worker as a program: arguments, signals, exit codes. What it runs is in run-worker.ts.
// Stdout carries JSON lines for a host; people read stderr.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  // Said before anything is loaded: better-sqlite3 ends the process with a segmentation fault on Node 20.
  console.error(
    `The worker needs Node 22.18 or later and got ${process.versions.node}: \`npm run worker\` takes the pinned one.`,
  );
  process.exit(2);
}
// One place of exit, after the guard: nothing below may be imported statically.
const { runProgram } = await import('./program.ts');
process.exit(await runProgram(process.argv.slice(2)));
