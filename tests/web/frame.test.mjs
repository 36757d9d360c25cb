// The frame of the page: what it loads, the sign-in, the menu, a lost connection and its return.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDevice, api, call, checkAccess, eventually, expectCount, expectGone, expectText, publishUntil, startPlant } from './harness.mjs';

const STREAMS = 5;
const plant = await startPlant({ api: { 'api.max_streams': STREAMS } });
const topic = 'plant/boiler/telemetry';
await addDevice('boiler', topic, [{ name: 'temp', unit: '°C' }, { name: 'level' }]);
await publishUntil(topic, { temp: 71.5, level: 3 }, 'boiler', 'temp');

const row = (page, text) => page.getByRole('row').filter({ hasText: text });

test('the first load is small and complete', async () => {
    const page = await plant.openPage();
    await expectText(row(page, 'temp'), '71.5');
    const loaded = await page.evaluate(() =>
        performance.getEntriesByType('resource').filter((one) => one.name.includes('/assets/')).map((one) => one.encodedBodySize));
    const index = await fetch(plant.url, { headers: { 'Accept-Encoding': 'gzip' } });
    const total = loaded.reduce((sum, size) => sum + size, Number(index.headers.get('Content-Length')));
    assert.ok(loaded.length >= 2 && loaded.every((size) => size > 0), JSON.stringify(loaded));
    assert.ok(total < 60000, `${total} bytes`);
});

test('without JavaScript it says what to do', async () => {
    const page = await plant.openPage('', { javaScriptEnabled: false });
    await expectText(page.locator('noscript'), 'curl -s http://127.0.0.1:5000/api/v1/values');
});

test('values change without a reload', async () => {
    const page = await plant.openPage();
    await expectText(row(page, 'temp'), '71.5');
    await call('publish', { topic, payload: { temp: 72.25 } });
    await expectText(row(page, 'temp'), '72.25');
    await call('publish', { topic, payload: { temp: 71.5 } });
    await expectText(row(page, 'temp'), '71.5');
});

test('tags come, go and get new names without a reload', async () => {
    const page = await plant.openPage();
    await expectText(row(page, 'temp'), '71.5');
    await api('PUT', '/devices/boiler/tags/pressure', { unit: 'bar' });
    await expectText(row(page, 'pressure'), 'bar');
    await api('PATCH', '/devices/boiler/tags/pressure', { name: 'steam_pressure' });
    await expectCount(row(page, 'steam_pressure'), 1);
    await api('DELETE', '/devices/boiler/tags/steam_pressure');
    await expectGone(row(page, 'pressure'));
    await call('publish', { topic, payload: { level: 12.75 } });
    await expectText(row(page, 'level'), '12.75');
    for (const [from, to] of [['level', 'filling'], ['filling', 'level']]) {
        await api('PATCH', `/devices/boiler/tags/${from}`, { name: to });
        await expectText(row(page, to), '12.75'); // the value comes with the new name, without a message
    }
});

test('no violation for a screen reader, light and dark, wide and narrow', async () => {
    for (const dark of [false, true]) {
        for (const width of [1280, 390]) {
            const page = await plant.openPage('', { dark, width });
            await expectText(row(page, 'temp'), '71.5');
            await checkAccess(page);
        }
    }
});

test('an address that is no screen', async () => {
    const page = await plant.openPage('#/%E0%A4%A/<img>');
    await expectText(page.locator('main'), 'There is no such screen');
});

const lost = [/Failed to load resource/, /ERR_/];

test('a lost connection greys all values, and all are read again after it', async () => {
    const page = await plant.openPage('', { expect: lost });
    await expectText(row(page, 'temp'), '71.5');
    await call('kill_part', { part: 'api' });
    await expectText(page.getByRole('alert'), /No connection since \d\d:\d\d:\d\d\..*All values are of that time/s);
    await call('publish', { topic, payload: { temp: 80.5, level: 4 } });
    await call('start_part', { part: 'api' });
    await expectGone(page.getByRole('alert'));
    await expectText(row(page, 'temp'), '80.5');
    await expectText(row(page, 'level'), '4');
});

test('silence counts as lost, too', async () => {
    const page = await plant.openPage('', { expect: lost });
    await expectText(row(page, 'temp'), '80.5');
    await call('freeze_part', { part: 'api' });
    try {
        await expectText(page.getByRole('alert'), 'has sent nothing');
    } finally {
        await call('thaw_part', { part: 'api' });
    }
    await expectGone(page.getByRole('alert'));
});

test('a page beyond max_streams says so, and goes on when another one is closed', async () => {
    const pages = [];
    for (let number = 0; number < STREAMS; number++) {
        pages.push(await plant.openPage());
        await expectText(row(pages[number], 'temp'), '80.5');
    }
    const page = await plant.openPage('', { expect: lost });
    await expectText(page.getByRole('alert'), 'max_streams');
    await pages[0].close();
    await expectGone(page.getByRole('alert'));
    await expectText(row(page, 'temp'), '80.5');
});

const setHidden = (page, hidden) =>
    page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
        document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);

test('a hidden tab asks for nothing, and reads everything again when it is shown', async () => {
    const pages = [];
    for (let number = 0; number < STREAMS; number++) {
        pages.push(await plant.openPage());
        await expectText(row(pages[number], 'temp'), '80.5');
    }
    await setHidden(pages[0], true);
    const asked = [];
    pages[0].on('request', (request) => asked.push(request.url()));
    // The stream of the hidden tab is free for another one, which is there long enough for a poll.
    const other = await plant.openPage();
    await expectText(row(other, 'temp'), '80.5');
    for (const temp of [81.25, 82.5, 83.75]) {
        await call('publish', { topic, payload: { temp } });
        await expectText(row(other, 'temp'), String(temp));
    }
    await eventually(async () => /^[4-9] s|^\d\d+ s/.test(await row(other, 'temp').locator('[role=gridcell]').filter({ hasText: /^\d+ s$/ }).innerText().catch(() => '')), 'an age of four seconds');
    assert.deepEqual(asked, []);
    await other.close();
    await setHidden(pages[0], false);
    await expectText(row(pages[0], 'temp'), '83.75');
    await call('publish', { topic, payload: { temp: 80.5 } });
    await expectText(row(pages[0], 'temp'), '80.5');
});

test('the head says which part does not run', async () => {
    const page = await plant.openPage('', { expect: lost });
    const state = page.locator('.state');
    await expectText(state, 'running');
    await call('stop_part', { part: 'mqttd' });
    await expectText(state, 'tagferry-mqttd');
    await call('start_part', { part: 'mqttd' });
    await expectText(state, 'running');
});

test('tokens: sign-in, a wrong one, one that may only read, sign-out', async () => {
    const reader = await call('add_token', { name: 'wall', scope: 'read' });
    const page = await plant.openPage('', { expect: lost });
    const field = page.getByLabel('Access token');
    await field.fill('wrong');
    await field.press('Enter');
    await expectText(page.locator('.fault'), 'not accepted');
    await checkAccess(page);
    await field.fill(reader);
    await field.press('Enter');
    await expectText(row(page, 'temp'), '80.5');
    await expectText(page.locator('.who'), 'wall, read only');
    await page.reload();
    await expectText(row(page, 'temp'), '80.5');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await eventually(() => field.isVisible(), 'the sign-in');
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
});

async function signInAs(page, token) {
    const field = page.getByLabel('Access token');
    await field.fill(token);
    await field.press('Enter');
}

test('texts that cannot be a token, and too many wrong ones', async () => {
    const page = await plant.openPage('', { expect: lost, token: 'ключ ü' });
    await signInAs(page, 'tf_日本\u2028');
    await expectText(page.locator('.fault'), 'no token');
    for (let number = 0; number < 12; number++) {
        await page.getByLabel('Access token').fill('');
        await expectGone(page.locator('button[aria-busy="true"]'));
        await signInAs(page, `wrong${number}`);
        await expectText(page.locator('.fault'), /not accepted|Too many wrong tokens/);
        if ((await page.locator('.fault').innerText()).includes('Too many')) break;
    }
    await expectText(page.locator('.fault'), 'Too many');
    await expectGone(page.locator('button[aria-busy="true"]')); // the text may be of the attempt before
    assert.equal(await page.evaluate(() => sessionStorage.length), 0, 'a wrong token is not kept');
    await page.reload();
    await eventually(() => page.getByLabel('Access token').isVisible(), 'the sign-in');
    await signInAs(page, await call('add_token', { name: 'good', scope: 'read' }));
    await expectText(row(page, 'temp'), '80.5');
});

test('a token that is revoked while the page is open', async () => {
    const first = await call('add_token', { name: 'first', scope: 'write' });
    const second = await call('add_token', { name: 'second', scope: 'read' });
    const page = await plant.openPage('#/live?q=temp', { expect: lost, token: first });
    await expectText(row(page, 'temp'), '80.5');
    await page.getByLabel('Search').fill('tem');
    const refused = [];
    page.on('response', (answer) => answer.status() === 401 && refused.push(answer.url()));
    await call('revoke_token', { name: 'first' });
    const dialog = page.getByRole('dialog');
    await expectText(dialog, 'Sign in again');
    await expectText(page.locator('.banner'), /not accepted any more.*All values are of/s);
    assert.ok(refused.length <= 3, `the old token is not tried again and again: ${refused}`);
    await checkAccess(page);
    await signInAs(page, 'wrong');
    await expectText(dialog.locator('.fault'), /not accepted|Too many/);
    await signInAs(page, second);
    await expectGone(dialog);
    await expectGone(page.locator('.banner'));
    await expectText(page.locator('.who'), 'second, read only');
    assert.equal(await page.getByLabel('Search').inputValue(), 'tem', 'what was typed stays');
    await call('publish', { topic, payload: { temp: 81.5 } });
    await expectText(row(page, 'temp'), '81.5');
    await call('publish', { topic, payload: { temp: 80.5 } });
});

test('sign-out ends the stream, and another person begins with nothing', async () => {
    const token = await call('add_token', { name: 'many', scope: 'read' });
    const pages = [];
    for (let number = 0; number < STREAMS; number++) {
        pages.push(await plant.openPage('', { token, expect: lost }));
        await expectText(row(pages[number], 'temp'), '80.5');
    }
    await pages[0].getByRole('button', { name: 'Sign out' }).click();
    await expectText(pages[0].locator('.signin'), 'Access token');
    const page = await plant.openPage('', { token, expect: lost });
    await expectText(row(page, 'temp'), '80.5');
    await signInAs(pages[0], token);
    await expectText(pages[0].locator('.banner'), 'max_streams');
    await expectCount(pages[0].locator('.value.good'), 0);
});

test('a token is in its tab only', async () => {
    const token = await call('add_token', { name: 'secret', scope: 'read' });
    const page = await plant.openPage('', { expect: lost });
    const urls = [];
    page.on('request', (request) => urls.push(request.url()));
    await signInAs(page, token);
    await expectText(row(page, 'temp'), '80.5');
    for (const place of ['devices', 'learn', 'system', 'transfer']) {
        await page.evaluate((hash) => (location.hash = hash), `#/${place}`);
        await page.locator('h1').first().waitFor();
        assert.ok(!page.url().includes(token));
    }
    assert.ok(urls.length > 5 && !urls.some((url) => url.includes(token)), 'in no address');
    assert.deepEqual(await page.evaluate(() => [document.cookie, localStorage.length]), ['', 0]);
    const other = await page.context().newPage();
    await other.goto(plant.url);
    await eventually(() => other.getByLabel('Access token').isVisible(), 'the sign-in in another tab');
    assert.ok(!(await call('log', { part: 'api' })).includes(token), 'not in the log');
});
