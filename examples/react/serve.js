/* Builds the page and serves it. Your own bundler does the same. */
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const signpost = process.env.SIGNPOST_URL ?? "http://127.0.0.1:8000";
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const port = Number(process.env.PORT ?? 5011);

const built = await build({
  entryPoints: [here("src/page.jsx")],
  nodePaths: [here("node_modules")], // for the hook too, which lies outside of this folder
  bundle: true,
  format: "esm",
  jsx: "automatic",
  minify: true,
  write: false,
});
const html = `<!doctype html>
<html lang="en-GB">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Your account – Larkfield</title>
<script src="${signpost}/embed/v1.js" defer></script>
<script src="/page.js" type="module"></script>
<main id="page"></main>
</html>`;

createServer((request, response) => {
  const [type, body] = request.url === "/page.js" ? ["text/javascript", built.outputFiles[0].contents] : ["text/html", html];
  response.writeHead(200, { "Content-Type": `${type}; charset=utf-8` }).end(body);
}).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/  with Signpost at ${signpost}`));
