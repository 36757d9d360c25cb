// Several gateways of one configuration: who holds a device, who leads, what a follower refuses, and setpoints
// that expire.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { addDevice, api, call, checkAccess, eventually, expectCount, expectGone, expectText, hostileTexts, publishUntil, startPlant } from './harness.mjs';

const plant = await startPlant({ gateway: 'line-1' });
const leaderUrl = plant.url.replace(/\/$/, '');
const setpoint = (address, mqtt) => ({ direction: 'to_mqtt', mqtt: { command_topic: `p/set/${address}`, ...mqtt }, modbus: { table: 'holding_register', type: 'uint16', address } });
await addDevice('everywhere', 'p/e', [{ name: 'power', unit: 'kW' }, { name: 'soon', ...setpoint(100, { expires_s: 1, expire_value: 5 }) }, { name: 'later', ...setpoint(101, { expires_s: 3000, expire_value: 7 }) }]);
await addDevice('elsewhere', 'p/l', [{ name: 'level', unit: 'm' }], { network: { gateway: 'line-2' }, label: hostileTexts[0] });
await publishUntil('p/e', { power: 12.5 }, 'everywhere', 'power');

const main = (page) => page.locator('main');
const row = (page, text) => page.getByRole('row').filter({ hasText: text });
const line = (page) => page.locator('.role-line');
const dialog = (page) => page.getByRole('dialog');
const go = (page, place) => page.evaluate((to) => (location.hash = to), place);
const refused = [/Failed to load resource/, /ERR_/];

test('each reason and each code of a gateway has words', () => {
    const { schemas } = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url))).components;
    const keysOf = (file, name) => {
        const text = readFileSync(new URL(`../../src/api/web/lib/${file}`, import.meta.url), 'utf8').split(`export const ${name}:`)[1];
        return [...text.slice(0, text.indexOf('\n};')).matchAll(/^ {4}(\w+):/gm)].map((found) => found[1]).sort();
    };
    const reasons = schemas.Reason.enum.filter(Boolean).sort();
    const codesOf = (name) => Object.keys(JSON.parse(readFileSync(new URL(`../../src/common/words/${name}.json`, import.meta.url)))).sort();
    assert.deepEqual(codesOf('reasons'), reasons);
    for (const [file, name] of [['format.ts', 'shortReasonWords'], ['hints.ts', 'reasonHints']]) assert.deepEqual(keysOf(file, name), reasons, name);
    assert.deepEqual(codesOf('gateways'), [...schemas.Gateway.properties.last_error.properties.code.enum].sort());
});

test('devices that another gateway holds are not wrong', async () => {
    const page = await plant.openPage('#/live');
    await expectText(row(page, 'level'), /never\s+at line-2/);
    await expectCount(page.locator('.elsewhere'), 1);
    await go(page, '#/live?show=wrong');
    await expectText(row(page, 'soon'), /bad\s+setpoint expired/);
    await expectGone(row(page, 'level'));
    await go(page, '#/live?show=wrong&device=elsewhere');
    await expectText(main(page), 'No tag matches');
    await go(page, '#/devices');
    await expectText(page.locator('.card.elsewhere'), /never\s+the gateway line-2 holds the device.*Gateway\s+line-2/s);
    await checkAccess(page);
    await page.getByLabel('Show', { exact: true }).selectOption('what is wrong');
    await expectGone(page.locator('.card.elsewhere'));
    await go(page, '#/tags/elsewhere/level');
    await expectText(main(page), /the gateway line-2 holds the device.*open the page of that gateway.*on the gateway line-2|the gateway line-2, unit 1/s);
    await expectGone(page.getByRole('button', { name: 'Write a value' }));
    await go(page, '#/registers');
    await page.getByLabel('Modbus server and unit').selectOption('Tagferry at line-2, unit 1');
    await expectText(main(page), 'Their values can be read at the gateway line-2.');
    await expectText(main(page), 'level');
});

test('the form of a device offers the gateways, and shows a fault at the name', async () => {
    const page = await plant.openPage('#/devices/elsewhere/edit', { expect: refused });
    await page.locator('summary').filter({ hasText: 'set here: Gateway' }).click();
    const field = page.getByLabel('Gateway', { exact: true });
    assert.equal(await field.inputValue(), 'line-2');
    const offered = await field.evaluate((input) => [...input.list.options].map((option) => option.value));
    assert.deepEqual(offered, ['line-1', 'line-2']);
    await field.fill('line 2');
    await page.getByRole('button', { name: 'Save' }).click();
    await expectText(page.locator('.fault'), /\w/);
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
});

test('a setpoint tells when it expires, and that it has', async () => {
    const page = await plant.openPage('#/tags/everywhere/soon');
    await expectText(main(page), /bad\s+SCADA has not written the setpoint in time.*expired at \d.*Look whether SCADA runs.*Expires after\s+1 s without a write by SCADA\s+Expired\s+\d/s);
    await checkAccess(page);
    await call('write', { address: 101, registers: [3] });
    await go(page, '#/tags/everywhere/later');
    await expectText(main(page), /becomes 7 in \d+ min unless SCADA writes it again/);
    await go(page, '#/devices/everywhere/tags/later/edit');
    await page.locator('summary').filter({ hasText: 'Value when it expires' }).click();
    assert.equal(await page.getByLabel('Value when it expires').inputValue(), '7');
    assert.equal(await page.getByLabel('Expires after (s)').inputValue(), '3000');
});

test('the leader lists its followers, and what is wrong with them', async () => {
    const page = await plant.openPage('#/system');
    await expectText(row(page, 'line-1'), /this one.*all parts work\s+leader/s);
    await expectText(row(page, 'line-2'), /Devices have this name, but no such gateway was heard of.*\[common\] gateway.*not known/s);
    await expectGone(page.getByRole('button', { name: 'Lead' }));
    await checkAccess(page);
    await call('add_gateway', { name: 'line-2' });
    await expectText(row(page, 'line-2'), /all parts work\s+follower\s+term \d+, revision \d+\s+has all changes\s+2\s/);
    await expectGone(line(page));
});

test('a follower says where the configuration is changed, and takes values', async () => {
    plant.follow(await call('change_sides'));
    const page = await plant.openPage('#/devices');
    await expectText(line(page), `This gateway follows ${leaderUrl}: change the configuration there.`);
    assert.equal(await line(page).getByRole('link').getAttribute('href'), `${leaderUrl}/#/devices`);
    await expectText(page.locator('.card.device'), 'everywhere');
    await expectGone(page.getByRole('link', { name: 'Add a device' }));
    await checkAccess(page);
    for (const [place, gone] of [['devices/everywhere', 'Edit'], ['profiles', 'Write a profile'], ['tags/everywhere/later', 'Edit']]) {
        await go(page, `#/${place}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await expectGone(main(page).getByRole('link', { name: gone, exact: true }));
        await expectGone(main(page).getByRole('button', { name: /^(Edit|Delete|Switch off|Take in|Undo)/ }));
    }
    await page.getByRole('button', { name: 'Write a value' }).click();
    await dialog(page).getByLabel(/New value/).fill('44');
    await dialog(page).getByRole('button', { name: 'Write' }).click();
    await expectText(dialog(page), 'Read back: 44');
    await page.keyboard.press('Escape');
    for (const [place, words] of [['new-device', 'The configuration is changed at the leader'], ['devices/everywhere/tags/later/edit', 'The configuration is changed at the leader'], ['transfer', 'Files are imported at the leader'], ['learn', 'learn at the leader']]) {
        await go(page, `#/${place}`);
        await expectText(main(page), words);
    }
    await checkAccess(page);
});

test('a save that is refused leads to the leader', async () => {
    const page = await plant.openPage('', { expect: refused });
    await page.route('**/api/v1/gateways', (route) => route.fulfill({ json: { items: [], total: 0 } }));
    await page.reload();
    await go(page, '#/devices/everywhere/edit');
    await page.getByLabel('Label').fill('Everywhere');
    await page.getByRole('button', { name: 'Save' }).click();
    await expectText(main(page), `This gateway follows ${leaderUrl}; change the configuration there`);
    assert.equal(await page.getByRole('alert').getByRole('link').getAttribute('href'), `${leaderUrl}/#/devices/everywhere/edit`);
    assert.equal(await page.getByLabel('Label').inputValue(), 'Everywhere');
});

test('texts of others are text', async () => {
    const [first, , url] = hostileTexts;
    const gateway = { name: 'line-2', host: first, self: true, role: 'follower', leader: url, term: 2, revision: 5, lag_s: 400, last_error: { code: first, detail: hostileTexts[1].repeat(100), at: null }, ready: false, parts: { [first]: { state: 'down', reason: url }, broker: { state: 'down', reason: 'lost' } }, devices: 1, last_seen: null };
    const page = await plant.openPage();
    await page.route('**/api/v1/gateways', (route) => route.fulfill({ json: { items: [gateway, { ...gateway, self: false, host: 'x'.repeat(500), last_seen: '2026-01-02T03:04:05Z' }], total: 2 } }));
    await page.reload();
    await go(page, '#/system');
    await expectText(row(page, first), /6 min without changes of the leader/);
    await expectText(main(page), /It has not asked since.*The MQTT broker has ended the connection/s);
    await expectGone(page.locator('a[href^="javascript" i]'));
    await checkAccess(page);
});

test('roles change on the page', async () => {
    const page = await plant.openPage('#/system', { expect: refused });
    await page.getByRole('button', { name: 'Lead' }).click();
    await expectText(dialog(page), `${leaderUrl} answers and still leads`);
    await checkAccess(page, 'dialog');
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    await call('change_sides');
    await call('kill_part', { part: 'api' });
    await expectText(line(page), /The leader does not answer, since \d/);
    await expectText(row(page, 'this one'), /The leader does not answer.*make a follower the leader/s);
    await checkAccess(page, '.role-line, .plain-table');
    await page.getByRole('button', { name: 'Lead' }).click();
    await dialog(page).getByRole('button', { name: 'Lead' }).click();
    await expectText(page.locator('.notices'), 'This gateway leads now.');
    await expectText(row(page, 'this one'), /leader/);
    await expectGone(line(page));
    await page.close();

    const old = plant.url.replace(/\/$/, '');
    await call('start_part', { part: 'api' });
    plant.follow({ url: `${leaderUrl}/` });
    const other = await plant.openPage('#/system', { dark: true, expect: refused });
    await expectText(line(other), /Another gateway has become the leader, since/);
    await other.getByRole('button', { name: 'Follow' }).click();
    const url = dialog(other).getByLabel('URL of the leader');
    await url.fill('rubbish');
    await dialog(other).getByRole('button', { name: 'Follow' }).click();
    await expectText(dialog(other).locator('.fault'), /\w/);
    await checkAccess(other, 'dialog, .role-line');
    await url.fill(old);
    await dialog(other).getByRole('button', { name: 'Follow' }).click();
    await expectText(line(other), `This gateway follows ${old}: change`);
    await expectGone(dialog(other));

    const token = await call('add_token', { name: 'viewer', scope: 'read' });
    const viewer = await plant.openPage('#/system', { token });
    await expectText(row(viewer, 'this one'), 'follower');
    await expectGone(viewer.getByRole('button', { name: /^(Lead|Follow)/ }));
});
