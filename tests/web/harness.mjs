// What the browser tests share: a plant of real daemons (control.py), a browser, and pages that note
// whatever a good page does not do.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, afterEach } from 'node:test';

// The packages are in the build folder, where NODE_PATH says; an import would look beside this file only.
const require = createRequire(import.meta.url);
const { AxeBuilder } = require('@axe-core/playwright');
const { chromium } = require('playwright-core');

const control = process.env.TAGFERRY_CONTROL;
const DEADLINE_MS = 90000; // as in harness.py

// Calls a method of Plant in control.py.
export async function call(name, args = {}) {
    const answer = await fetch(control + name, { method: 'POST', body: JSON.stringify(args) });
    const body = await answer.json();
    if (!answer.ok) throw new Error(`${name}: ${body}`);
    return body;
}

// Polls until `probe` gives something true, which is returned. The pauses grow with the wait, as in harness.py.
export async function eventually(probe, what = 'condition') {
    const began = Date.now();
    let last;
    for (;;) {
        last = await probe();
        if (last) return last;
        const waited = Date.now() - began;
        if (waited > DEADLINE_MS) throw new Error(`${what} did not come true; last: ${JSON.stringify(last)}`);
        await new Promise((resolve) => setTimeout(resolve, Math.min(30 + waited / 20, 100)));
    }
}

// Sends a request to the API, which must succeed, and returns its JSON.
export async function api(method, path, body, options = {}) {
    const answer = await call('api', { method, path, body: body ?? null, ...options });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
    return answer.body ? JSON.parse(answer.body) : null;
}

// Creates a device with tags and waits until it is in service.
export async function addDevice(name, topic, tags = [], members = {}) {
    await api('PUT', `/devices/${name}`, { ...members, mqtt: { ...members.mqtt, topic } });
    for (const tag of tags) await api('PUT', `/devices/${name}/tags/${tag.name}`, tag);
    await call('served');
}

// Publishes until the value of the tag is there: the first message may come before its tag is known.
export async function publishUntil(topic, payload, device, tag) {
    await eventually(async () => {
        await call('publish', { topic, payload });
        const value = await api('GET', `/devices/${device}/tags/${tag}/value`);
        return value.messages > 0 || value.rejects > 0;
    }, `a message for ${device}/${tag}`);
}

// Starts the daemons of this file, and the browser. `options`: of Plant.start.
export async function startPlant(options = {}) {
    const plant = await call('start', options);
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium-headless-shell',
        args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    });
    const open = new Set();
    const faults = [];
    after(() => browser.close());
    // Each test leaves its pages closed, and none of them may have done what it should not.
    afterEach(async () => {
        for (const context of open) await context.close();
        open.clear();
        const found = faults.splice(0);
        assert.deepEqual(found, [], 'what the pages did and should not do');
    });

    // Opens the page at a place such as '#/live'. `expect` are patterns of console messages that this test
    // causes on purpose, such as those of a daemon that is gone.
    async function openPage(place = '', { width = 1280, height = 720, dark = false, token, expect = [], at = plant.url, ...context } = {}) {
        const own = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', ...context });
        open.add(own);
        if (token) {
            await own.addInitScript((text) => sessionStorage.setItem('tagferry-token', text), token);
        }
        const page = await own.newPage();
        const note = (text) => expect.some((pattern) => pattern.test(text)) || faults.push(text);
        page.setDefaultTimeout(DEADLINE_MS);
        page.on('console', (message) => {
            // It answers 503 while a part does not work, on a busy machine also for a moment. What the page makes
            // of it is tested by what it shows.
            if (message.location().url.endsWith('/readyz')) return;
            if (message.type() === 'error' || message.type() === 'warning') note(`console: ${message.text()}`);
        });
        page.on('pageerror', (error) => note(`uncaught: ${error.message}`));
        page.on('request', (request) => {
            const url = request.url();
            if (!url.startsWith(plant.url) && !url.startsWith('blob:') && !url.startsWith('data:')) note(`request to ${url}`);
        });
        page.on('dialog', (dialog) => {
            note(`browser dialog: ${dialog.message()}`);
            void dialog.dismiss();
        });
        await page.goto(at + place);
        return page;
    }

    // Goes over to other daemons: pages that are opened from now on are theirs.
    const follow = (started) => Object.assign(plant, started);
    // Other daemons, with nothing in them.
    const renew = async (options = {}) => follow(await call('renew', options));

    return Object.assign(plant, { openPage, follow, renew, browser });
}

// The page must have no violation that axe finds. `within`: a selector.
export async function checkAccess(page, within) {
    // The page has no frames: without this mode, each look opens another page and loads axe there once more.
    const builder = new AxeBuilder({ page }).setLegacyMode().withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']);
    if (within) builder.include(within);
    const { violations } = await builder.analyze();
    const found = violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`);
    assert.deepEqual(found, []);
}

// Waits until the element shows text that fits.
export async function expectText(locator, pattern) {
    await eventually(async () => {
        const texts = await locator.allInnerTexts();
        const text = texts.join('\n');
        return pattern instanceof RegExp ? pattern.test(text) : text.includes(pattern);
    }, `the text ${pattern} in ${locator}`);
}

// Waits until as many elements are there.
export async function expectCount(locator, count) {
    await eventually(async () => (await locator.count()) === count, `${count} of ${locator}`);
}

// Waits until there is none of it.
export async function expectGone(locator) {
    await expectCount(locator, 0);
}

// Texts that must be shown as they are, and do nothing.
export const hostileTexts = [
    '<img src=x onerror="console.error(1)">',
    '"><script>console.error(2)</script>',
    'javascript:console.error(3)',
    '\u202Egnirts desrever\u202C',
    '{{constructor.constructor("console.error(4)")()}}',
    "'; DROP TABLE tag; --",
    '  blanks   inside  ',
    '\u0000\u0007bell'.replace('\u0000', ''),
    '日本語 العربية עברית 🌡️',
];
