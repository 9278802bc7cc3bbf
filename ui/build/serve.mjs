// Serves a folder of built pages on this computer only: for `npm start` and for the browser tests.
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
  ".xml": "application/xml; charset=utf-8",
};

/** The file for a path, the folder that wants a slash at its end, or nothing. */
function find(folder, path) {
  let file;
  try {
    file = resolve(folder, "." + decodeURIComponent(path));
  } catch {
    return null; // not a path at all, such as %E0%
  }
  if (file !== folder && !file.startsWith(folder + sep)) return null;
  let stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    if (!path.endsWith("/")) return { redirect: true };
    file = join(file, "index.html");
    stat = statSync(file, { throwIfNoEntry: false });
  }
  return stat?.isFile() ? { file, size: stat.size } : null;
}

/**
 * Serves `folder` below `base` ("/", "/a/b/"), starting at `port` and going on to the next while one is taken.
 * Port 0 takes any free one. `onTaken` hears of each port that was not free.
 */
export function serve({ folder, base = "/", port = 0, onTaken = () => {} }) {
  const root = resolve(folder);
  const server = createServer((request, response) => {
    const [path = "/", query] = (request.url ?? "/").split("?");
    const found = path.startsWith(base) ? find(root, path.slice(base.length - 1)) : null;
    if (found?.redirect) {
      response.writeHead(308, { Location: path + "/" + (query === undefined ? "" : "?" + query) });
      response.end();
      return;
    }
    const { file, size } = found ?? find(root, "/404.html") ?? {};
    if (file === undefined) {
      response.writeHead(404);
      response.end();
      return;
    }
    response.writeHead(found === null ? 404 : 200, {
      "Content-Type": types[extname(file)] ?? "application/octet-stream",
      "Content-Length": size,
      "Cache-Control": "no-cache",
    });
    if (request.method === "HEAD") response.end();
    else createReadStream(file).pipe(response);
  });
  return new Promise((settle, fail) => {
    let asked = port;
    server.on("error", (error) => {
      if (error.code !== "EADDRINUSE" || asked === 0 || asked >= port + 20) {
        fail(error);
        return;
      }
      onTaken(asked);
      asked += 1;
      server.listen(asked, "127.0.0.1");
    });
    server.listen(asked, "127.0.0.1", () => {
      const { port: taken } = server.address();
      settle({
        url: `http://127.0.0.1:${taken}${base}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}
