// `npm start` and `npm test`, from a bare clone with only Node and npm present.
// Node's own modules and old syntax only, so that an old Node gets as far as the message.
import { spawnSync } from "child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "fs";
import { tmpdir } from "os";
import { dirname, join } from "path";
import { fileURLToPath } from "url";

var root = join(dirname(fileURLToPath(import.meta.url)), "../..");
var wanted = [20, 19];

function stop(message) {
  console.error("\n" + message + "\n");
  if (process.argv[2] === "test") console.log("0 passed, 1 failed");
  process.exit(1);
}

function checkNode() {
  var have = process.versions.node.split(".").map(Number);
  if (have[0] > wanted[0] || (have[0] === wanted[0] && have[1] >= wanted[1])) return;
  stop(
    "Ensemble needs Node " +
      wanted.join(".") +
      " or newer; this is Node " +
      process.versions.node +
      ".\n" +
      "Get it at https://nodejs.org, then run the same command again.",
  );
}

/** Runs a command in the project's folder, its words going straight to the terminal. */
function run(command, args, more) {
  var env = Object.assign({}, process.env, more);
  return (
    spawnSync(command, args, { cwd: root, env: env, stdio: ["ignore", "inherit", "inherit"] })
      .status === 0
  );
}

/** Runs a tool of node_modules with this same Node. */
function tool(name, args, more) {
  var folder = join(root, "node_modules", name);
  var bin = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).bin;
  var file = typeof bin === "string" ? bin : bin[name === "typescript" ? "tsc" : name];
  return run(process.execPath, [join(folder, file)].concat(args), more);
}

function checkPackages() {
  var lock = join(root, "package-lock.json");
  var done = join(root, "node_modules/.package-lock.json");
  if (existsSync(done) && statSync(done).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log("Installing the packages that package-lock.json names (npm ci)");
  var npm = process.env.npm_execpath;
  var installed = npm
    ? run(process.execPath, [npm, "ci", "--no-audit", "--no-fund"])
    : run(process.platform === "win32" ? "npm.cmd" : "npm", ["ci", "--no-audit", "--no-fund"]);
  if (!installed)
    stop("npm ci failed; its own message is above. It needs a network, or a filled npm cache.");
}

function findChromium() {
  var places = [
    process.env.CHROMIUM,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ];
  return places.find(function (place) {
    return place && existsSync(place);
  });
}

/** The browser for the tests: the one that is there, else Debian's, else advice. A missing browser never skips a test. */
function checkChromium() {
  var found = findChromium();
  if (!found && process.getuid && process.getuid() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log("Installing Chromium for the browser tests (apt-get)");
    var quiet = { DEBIAN_FRONTEND: "noninteractive" };
    if (run("apt-get", ["update", "-qq"], quiet)) {
      run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], quiet);
    }
    found = findChromium();
  }
  if (!found) {
    stop(
      "The browser tests need Chromium, and none was found.\n" +
        "On Debian or Ubuntu: sudo apt-get update && sudo apt-get install chromium\n" +
        "Elsewhere: install Chromium or Chrome and name its program, CHROMIUM=/path/to/chromium npm test",
    );
  }
  return found;
}

function seconds(sinceMs) {
  return ((Date.now() - sinceMs) / 1000).toFixed(1) + " s";
}

function start() {
  console.log("Building the pages");
  if (!tool("vite", ["build", "--logLevel", "warn"]))
    stop("The build failed; its message is above.");
  var port = Number(process.env.PORT || 4173);
  import("./serve.mjs")
    .then(function (module) {
      return module.serve({
        folder: join(root, "dist"),
        port: port,
        onTaken: function (taken) {
          console.log("Port " + taken + " is taken, trying " + (taken + 1));
        },
      });
    })
    .then(function (served) {
      console.log("\nEnsemble is at " + served.url + "\nStop it with Ctrl+C.\n");
    })
    .catch(function (error) {
      stop(
        "The pages could not be served: " +
          error.message +
          "\nName a free port: PORT=8080 npm start",
      );
    });
}

function test() {
  var begun = Date.now();
  var results = mkdtempSync(join(tmpdir(), "ensemble-test-"));
  var passed = 0;
  var failed = 0;
  var times = [];

  /** One part: what it is called, and how many of its tests passed and failed. */
  function part(name, work) {
    var since = Date.now();
    console.log("\n== " + name);
    var counted = work();
    passed += counted.passed;
    failed += counted.failed;
    var line =
      name + ": " + counted.passed + " passed, " + counted.failed + " failed, " + seconds(since);
    times.push(line);
    console.log("== " + line);
    return counted.failed === 0;
  }

  function check(ok) {
    return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  }

  /** Vitest's own count. A run that breaks off, finds no test or skips one counts as a failure. */
  function vitest(project, more) {
    var file = join(results, project + ".json");
    var ok = tool(
      "vitest",
      [
        "run",
        "--project",
        project,
        "--reporter=default",
        "--reporter=json",
        "--outputFile.json=" + file,
      ],
      more,
    );
    if (!existsSync(file)) return { passed: 0, failed: 1 };
    var report = JSON.parse(readFileSync(file, "utf8"));
    var lost = report.numFailedTests + report.numPendingTests + report.numTodoTests;
    if (lost === 0 && (!ok || report.numPassedTests === 0)) lost = 1;
    return { passed: report.numPassedTests, failed: lost };
  }

  var chromium = checkChromium();
  part("format", function () {
    return check(tool("oxfmt", ["--check"]));
  });
  ["tsconfig.json", "engine/tsconfig.json", "tsconfig.node.json"].forEach(function (config) {
    part("types, " + config, function () {
      return check(tool("typescript", ["-p", config]));
    });
  });
  part("lint", function () {
    return check(tool("oxlint", ["--type-aware", "--deny-warnings"]));
  });
  part("unit tests", function () {
    return vitest("unit");
  });
  var built = part("build", function () {
    return check(tool("vite", ["build", "--logLevel", "warn"]));
  });
  part("pages in the browser, policy and sizes", function () {
    return built ? vitest("e2e", { CHROMIUM: chromium }) : { passed: 0, failed: 1 };
  });

  rmSync(results, { recursive: true });
  console.log("\n" + times.join("\n") + "\nin all: " + seconds(begun));
  process.exitCode = failed === 0 ? 0 : 1;
  console.log(passed + " passed, " + failed + " failed");
}

checkNode();
checkPackages();
if (process.argv[2] === "start") start();
else if (process.argv[2] === "test") test();
else stop("Run it as npm start or npm test.");
