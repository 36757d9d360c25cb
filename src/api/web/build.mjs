// Builds the page: node build.mjs OUT [--modules FOLDER]
//
// Writes the files of the page to OUT/site, and OUT/web_files.c, the table of embedded.h with each
// file compressed. The name of each file but index.html has a hash of its contents, so that browsers
// may keep it for ever. FOLDER is the node_modules with the packages, if it is not beside this file.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const [out, option, modules] = process.argv.slice(2);
if (!out || (option && (option !== '--modules' || !modules))) {
    console.error('Usage: node build.mjs OUT [--modules FOLDER]');
    process.exit(2);
}
// The packages need not be beside this file, so that the source tree stays as it is.
const packages = modules ? dirname(resolve(modules)) : here;
const { build } = createRequire(join(packages, 'package.json'))('esbuild');
const site = join(out, 'site');
rmSync(site, { recursive: true, force: true });
mkdirSync(join(site, 'assets'), { recursive: true });

const result = await build({
    absWorkingDir: here,
    entryPoints: { app: 'main.tsx', style: 'style.css' },
    outdir: join(site, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: ['es2022', 'chrome100', 'firefox100', 'safari15.4'],
    minify: true,
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    nodePaths: modules ? [modules] : [],
    metafile: true,
    logLevel: 'warning',
});

// The files that index.html names, by the name of their entry point.
const entries = {};
for (const [path, output] of Object.entries(result.metafile.outputs)) {
    if (output.entryPoint) entries[basename(output.entryPoint)] = `assets/${basename(path)}`;
}
const icon = readFileSync(join(here, 'icon.svg'));
entries['icon.svg'] = `assets/icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
writeFileSync(join(site, entries['icon.svg']), icon);
const named = [];
const page = readFileSync(join(here, 'index.html'), 'utf8').replace(/\{\{(.+?)\}\}/g, (_, name) => {
    named.push(name);
    if (!entries[name]) throw new Error(`index.html names ${name}, which is not built`);
    return entries[name];
});
writeFileSync(join(site, 'index.html'), page);

// The first load is what index.html needs: the page itself, its style and icon, the entry point and
// the chunks that it imports at once.
const sizes = new Map();
const tables = [];
const rows = [];
const names = ['index.html', ...readdirSync(join(site, 'assets')).sort()];
names.forEach((name, index) => {
    const packed = gzipSync(readFileSync(join(site, index === 0 ? name : join('assets', name))), { level: 9 });
    sizes.set(name, packed.length);
    tables.push(`static const unsigned char file_${index}[] = {${[...packed].join(',')},0};`);
    rows.push(`    {"${name}", (const char *)file_${index}, sizeof file_${index} - 1},`);
});
writeFileSync(
    join(out, 'web_files.c'),
    `/* Made by build.mjs: the files of the page, each compressed with gzip. */
#include "api/base/embedded.h"

${tables.join('\n')}

const struct embedded web_files[] = {
${rows.join('\n')}
    {NULL, NULL, 0},
};
`,
);

const first = new Set(['index.html', ...named.map((name) => basename(entries[name]))]);
const visit = (path) => {
    for (const { path: imported, kind } of result.metafile.outputs[path].imports) {
        if (kind !== 'import-statement' || first.has(basename(imported))) continue;
        first.add(basename(imported));
        visit(imported);
    }
};
for (const path of Object.keys(result.metafile.outputs)) {
    if (result.metafile.outputs[path].entryPoint === 'main.tsx') visit(path);
}
const total = [...first].reduce((sum, name) => sum + sizes.get(name), 0);
console.log(`dashboard: first load ${(total / 1000).toFixed(1)} kB compressed, ${names.length} files`);
