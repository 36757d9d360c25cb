// Devices: the list, one device, and the forms of devices and tags.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDevice, api, call, checkAccess, eventually, expectCount, expectGone, expectText, hostileTexts, publishUntil, startPlant } from './harness.mjs';

const plant = await startPlant();

const save = (page) => page.getByRole('button', { name: 'Save', exact: true });
const field = (page, label) => page.getByLabel(label, { exact: true });
const value = (path) => api('GET', path);

test('a page without devices says how to begin', async () => {
    const page = await plant.openPage('#/devices');
    await expectText(page.locator('main'), 'No devices yet');
    await checkAccess(page);
    await page.getByRole('main').getByRole('link', { name: 'Add a device' }).last().click();
    await expectText(page.locator('h1'), 'New device');
});

test('a new device and its first tag by the keyboard alone, with a preview', async () => {
    await call('publish', { topic: 'hall/oven', payload: { temp: 21.5, mode: 'auto' } });
    const page = await plant.openPage('#/new-device');
    await field(page, 'Name').fill('oven');
    await field(page, 'Topic').fill('hall/oven');
    await page.getByRole('button', { name: 'Create and add tags' }).press('Enter');
    await expectText(page.locator('h1'), 'New tag of oven');
    await eventually(async () => {
        await call('publish', { topic: 'hall/oven', payload: { temp: 21.5, mode: 'auto' } });
        return (await value('/messages?limit=20')).items.some((one) => one.topic === 'hall/oven');
    }, 'a message');
    const preview = page.locator('.preview');
    await field(page, 'Name').fill('nothing');
    await expectText(preview, 'does not have this key');
    await field(page, 'Name').fill('temp');
    await expectText(preview, '21.5');
    await expectText(preview, '41ac 0000');
    await expectText(preview, 'would be given');
    await field(page, 'Unit').fill('°C');
    await checkAccess(page);
    await field(page, 'Unit').press('Enter');
    await expectText(page.locator('h1'), /^oven/);
    await publishUntil('hall/oven', { temp: 22.5, mode: 'auto' }, 'oven', 'temp');
    await expectText(page.getByRole('row').filter({ hasText: 'temp' }), '22.5 °C');
    await checkAccess(page);
});

test('faults of the server are at their field, and what was typed stays', async () => {
    const page = await plant.openPage('#/devices/oven/new-tag', { expect: [/409|422/] });
    await field(page, 'Name').fill('bad name');
    await field(page, 'Scale').fill('0');
    await field(page, 'Table').selectOption('coil');
    await field(page, 'Direction').selectOption('both');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    const of = (label) => page.locator('.field').filter({ has: page.getByLabel(label, { exact: true }) }).locator('.fault');
    await expectText(of('Name'), /letter|letters/);
    await expectCount(page.locator('input:focus[aria-invalid="true"]'), 1);
    await expectText(of('Command topic'), /./);
    assert.equal(await field(page, 'Name').inputValue(), 'bad name');
    await checkAccess(page);
    await field(page, 'Name').fill('temp');
    await field(page, 'Table').selectOption('holding_register');
    await field(page, 'Command topic').fill('hall/oven/set');
    await field(page, 'Scale').fill('abc');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await expectText(of('Scale'), 'number');
    await field(page, 'Scale').fill('1');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await expectText(page.locator('main'), /already|required/);
});

test('an address as an offset and in Modicon form', async () => {
    const page = await plant.openPage('#/devices/oven/new-tag');
    await field(page, 'Name').fill('limit');
    await field(page, 'Address').fill('30201');
    await expectText(page.locator('.form-section'), 'input register, offset 200');
    assert.equal(await field(page, 'Table').inputValue(), 'input_register');
    await page.getByRole('button', { name: 'Read it as the offset 30201' }).click();
    await expectText(page.locator('.form-section'), 'Modicon 330202');
    await page.getByRole('button', { name: 'Read 30201 as Modicon' }).click();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await expectText(page.locator('h1'), /^oven/);
    const { modbus } = await value('/devices/oven/tags/limit');
    assert.deepEqual([modbus.table, modbus.address], ['input_register', 200]);
});

test('words and numbers, conditions, and other composed members', async () => {
    const refused = { expect: [/422/] };
    await api('PUT', '/devices/oven/tags/mode', { mqtt: { values: { off: 0, auto: 1 } }, modbus: { type: 'uint16' } });
    const page = await plant.openPage('#/devices/oven/tags/mode/edit', refused);
    await field(page, 'Word 1').fill('hand');
    await field(page, 'Number 1').fill('7');
    await page.getByRole('button', { name: 'Remove row 2' }).click();
    await page.getByRole('button', { name: 'Add a row' }).click();
    await field(page, 'Word 2').fill('auto');
    await field(page, 'Number 2').fill('1.5');
    await expectText(page.locator('.preview'), /"auto"/);
    await save(page).click();
    await expectText(page.locator('h1'), /^oven/);
    assert.deepEqual((await value('/devices/oven/tags/mode')).mqtt.values, { hand: 7, auto: 1.5 });

    const device = await plant.openPage('#/devices/oven/edit', refused);
    await expectText(device.locator('h1'), 'Edit oven');
    for (const summary of await device.locator('summary').all()) await summary.click();
    await device.getByRole('button', { name: 'Add a row' }).click();
    await field(device, 'Key 1').fill('id');
    await field(device, 'Value 1').fill('37');
    await field(device, 'Kind of value 1').selectOption('number');
    await field(device, 'Publish a message').check();
    await field(device, 'Topic of the message').fill('hall/+/ask');
    await field(device, 'Keep status registers').check();
    await field(device, 'First of four registers').fill('900');
    await save(device).click();
    await expectText(device.locator('.fault'), /wildcard|\+/);
    await field(device, 'Topic of the message').fill('hall/oven/ask');
    await save(device).click();
    await expectText(device.locator('h1'), /^oven/);
    const read = await value('/devices/oven');
    assert.deepEqual(read.mqtt.where, { id: 37 });
    assert.equal(read.mqtt.request.topic, 'hall/oven/ask');
    assert.deepEqual(read.status, { table: 'input_register', address: 900 });
    await api('PATCH', '/devices/oven', { mqtt: { where: null, request: null }, status: null });
});

test('only what changed is sent, and warnings of the answer are shown', async () => {
    const page = await plant.openPage('#/devices/oven/tags/temp/edit');
    await page.locator('summary').filter({ hasText: 'More' }).nth(2).click();
    await field(page, 'When the value is stale').selectOption('nan');
    const sent = page.waitForRequest((request) => request.method() === 'PATCH');
    await save(page).click();
    const request = await sent;
    assert.deepEqual(request.postDataJSON(), { modbus: { on_stale: 'nan' } });
    assert.match(request.headers()['if-match'], /^"\d+"$/);
    await expectText(page.locator('.note.warning'), 'Please check');
    await page.getByRole('button', { name: 'Understood' }).click();
    await expectGone(page.locator('.note.warning'));
});

test('renaming a tag says what stays', async () => {
    const page = await plant.openPage('#/devices/oven/tags/limit/edit');
    await field(page, 'Name').fill('upper_limit');
    await expectText(page.locator('.form-section').first(), 'Its value, quality, register and history stay');
    await page.getByLabel(/The device sends the new name/).check();
    await save(page).click();
    await expectText(page.locator('h1'), /^oven/);
    assert.equal((await value('/devices/oven/tags/upper_limit')).mqtt.key, 'upper_limit');
});

const refused = [/412/];

test('two people at once: who changed what, and whose value counts', async () => {
    const page = await plant.openPage('#/devices/oven/edit', { expect: refused });
    await field(page, 'Label').fill('Mine');
    await field(page, 'Stale after (s)').fill('60');
    await api('PATCH', '/devices/oven', { label: 'Theirs', description: 'by somebody' });
    await save(page).click();
    const dialog = page.getByRole('dialog');
    await expectText(dialog, 'Somebody else saved this meanwhile');
    await expectText(dialog, '127.0.0.1');
    await expectText(dialog, 'by somebody');
    await expectText(dialog, /Keep mine and save over it: Mine/);
    await checkAccess(page);
    await page.keyboard.press('Escape');
    await expectGone(dialog);
    assert.equal(await field(page, 'Label').inputValue(), 'Mine');
    await save(page).click();
    await dialog.getByLabel(/Take theirs/).check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expectText(page.locator('h1'), 'Theirs');
    const read = await value('/devices/oven');
    assert.deepEqual([read.label, read.description, read.mqtt.stale_after_s], ['Theirs', 'by somebody', 60]);

    const other = await plant.openPage('#/devices/oven/tags/temp/edit', { expect: refused });
    await field(other, 'Unit').fill('K');
    await api('PATCH', '/devices/oven/tags/temp', { unit: 'F' });
    await save(other).click();
    await other.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await expectText(other.locator('h1'), /^oven/);
    assert.equal((await value('/devices/oven/tags/temp')).unit, 'K');
});

test('leaving unsaved work asks first', async () => {
    const page = await plant.openPage('#/devices/oven/edit');
    await field(page, 'Label').fill('half');
    await page.getByRole('link', { name: 'Cancel' }).click();
    await expectText(page.getByRole('dialog'), 'Leave without saving?');
    await page.keyboard.press('Escape');
    assert.equal(await field(page, 'Label').inputValue(), 'half');
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Leave' }).click();
    await expectText(page.locator('h1'), /^oven/);
    assert.equal((await value('/devices/oven')).label, 'Theirs');
});

test('copies: first what would be created, then the copies', async () => {
    const page = await plant.openPage('#/devices/oven', { expect: [/409|422/] });
    await page.getByRole('button', { name: 'Copy' }).click();
    const dialog = page.getByRole('dialog');
    await field(page, 'Number of copies').fill('2');
    await field(page, 'Name 1').fill('oven');
    await dialog.getByRole('button', { name: 'Show what it creates' }).click();
    await expectText(dialog.locator('.fault'), /already|required/);
    await field(page, 'Name 1').fill('oven-b');
    await dialog.getByText(/^Strides/).click();
    await dialog.getByRole('button', { name: 'Show what it creates' }).click();
    await expectText(dialog, 'hall/oven-b');
    await checkAccess(page);
    assert.equal((await value('/devices')).total, 1);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expectText(page.locator('h1'), 'Devices 3');
    await expectCount(page.locator('.card.device'), 3);
});

test('switching off, deleting with what goes, and the way back', async () => {
    // The page may read a device that is gone before it knows.
    const page = await plant.openPage('#/devices/oven-b', { expect: [/404/] });
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
    await expectText(page.locator('main'), 'switched off here');
    await page.getByRole('button', { name: 'Enable' }).click();
    await expectText(page.getByRole('button', { name: 'Switch off' }), 'Switch off');
    await expectText(page.locator('main'), '3 tags');
    await page.getByRole('button', { name: 'Delete', exact: true }).first().click();
    await expectText(page.getByRole('dialog'), /3 tags go with it.*set to 0.*input register/s);
    await page.keyboard.press('Escape');
    assert.equal((await value('/devices')).total, 3);
    await page.getByRole('button', { name: 'Delete', exact: true }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expectText(page.locator('h1'), 'Devices 2');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expectText(page.locator('h1'), 'Devices 3');
    assert.equal((await value('/devices/oven-b/tags')).total, 3);
});

test('deleting a tag, and the way back', async () => {
    const page = await plant.openPage('#/devices/oven-b');
    await page.getByRole('button', { name: 'Delete mode' }).click();
    await expectText(page.getByRole('dialog'), 'is set to 0');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).press('Enter');
    await expectText(page.locator('.tags-card'), '2 tags');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expectText(page.locator('.tags-card'), '3 tags');
});

test('a large deletion is confirmed with its number', async () => {
    const tags = Array.from({ length: 25 }, (_, index) => ({ name: `t${index}` }));
    await api('POST', '/import?changes=none', { devices: [{ name: 'large', mqtt: { topic: 'large' }, tags }] });
    const page = await plant.openPage('#/devices/large', { expect: [/404|409/] });
    await expectText(page.locator('.tags-card'), '25 tags');
    await page.getByRole('button', { name: 'Delete', exact: true }).first().click();
    await api('PUT', '/devices/large/tags/one_more', {});
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expectText(page.getByRole('dialog'), '27 devices and tags');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expectText(page.locator('h1'), 'Devices 3');
});

test('what is wrong is said with what to do', async () => {
    await addDevice('wrong', 'wrong', [{ name: 'v' }]);
    await publishUntil('wrong', { v: 'hot' }, 'wrong', 'v');
    const page = await plant.openPage('#/devices/wrong');
    await expectText(page.locator('.card').first(), 'the newest value was refused');
    await expectText(page.locator('.card').first(), 'hot');
    await expectText(page.locator('.card').first(), 'value map');
    await checkAccess(page);
    const list = await plant.openPage('#/devices?quality=bad');
    await expectCount(list.locator('.card.device'), 1);
    await field(list, 'Show').selectOption('');
    await expectCount(list.locator('.card.device'), 4);
    await list.getByLabel('Search name, label, description').fill('OVEN-');
    await expectText(list.locator('h1'), 'Devices 2');
    await list.getByLabel('Search name, label, description').fill('no such');
    await expectText(list.locator('main'), 'No device fits');
});

test('a device and a tag that are gone', async () => {
    const page = await plant.openPage('#/devices/nobody', { expect: [/404/] });
    await expectText(page.locator('main'), 'There is no device nobody');
    const form = await plant.openPage('#/devices/wrong/tags/v/edit', { expect: [/404|412/] });
    await field(form, 'Unit').fill('V');
    await api('DELETE', '/devices/wrong/tags/v');
    await save(form).click();
    await expectText(form.locator('main'), 'deleted this tag meanwhile');
    assert.equal(await field(form, 'Unit').inputValue(), 'V');
});

test('members of a tag that only one kind of server can have', async () => {
    const tags = [{ name: 'level', direction: 'both', mqtt: { command_topic: 'tank/set' }, modbus: { table: 'holding_register', type: 'int16', address: 3000 } }];
    await addDevice('tank', 'tank', tags);
    await addDevice('chiller', 'chiller', [...tags, { name: 'limited', modbus: { table: 'holding_register', type: 'int16', address: 3009, min_change: 2 } }], {
        network: { modbus_host: '127.0.0.1', modbus_port: 9 },
    });
    const expected = { 'Smallest change to write': true, 'Shortest time between writes (ms)': true, 'Smallest change': true, 'Expires after (s)': false };
    const open = async (place) => {
        const page = await plant.openPage(place, { expect: [/422/] });
        await expectText(page.locator('h1'), /Edit|New tag/);
        await eventually(async () => (await page.locator('summary').count()) >= 2, 'the members that are rare');
        for (const summary of await page.locator('summary').all()) await summary.click();
        return page;
    };
    for (const [device, isForeign] of [['chiller', true], ['tank', false]]) {
        const page = await open(`#/devices/${device}/tags/level/edit`);
        for (const [label, isOfForeign] of Object.entries(expected)) await expectCount(page.getByLabel(label, { exact: true }), isForeign === isOfForeign ? 1 : 0);
        const fresh = await open(`#/devices/${device}/new-tag`);
        await expectCount(fresh.getByLabel('Shortest time between writes (ms)', { exact: true }), isForeign ? 1 : 0);
    }
    // On the local server, a number that is set there stays, with the error, until it is taken back.
    const moved = await open('#/devices/chiller/tags/limited/edit');
    await field(moved, 'Device').selectOption('tank');
    await expectGone(moved.getByLabel('Shortest time between writes (ms)', { exact: true }));
    await save(moved).click();
    await expectText(moved.locator('.fault'), /slow foreign servers/);
    await field(moved, 'Smallest change to write').fill('0');
    await save(moved).click();
    await expectText(moved.locator('h1'), /^tank/);
    assert.equal((await value('/devices/tank/tags/limited')).modbus.min_change, 0);
});

test('hostile texts are texts', async () => {
    const long = 'x'.repeat(65000);
    await addDevice('hostile', `h/${long}`, [{ name: 'v', label: hostileTexts[0].slice(0, 128), unit: hostileTexts[3] }], { label: hostileTexts[1].slice(0, 128), description: hostileTexts.join(' ').slice(0, 1000) });
    const page = await plant.openPage('#/devices/hostile');
    await expectText(page.locator('h1'), hostileTexts[1].slice(0, 128));
    await expectText(page.locator('.tags-card'), hostileTexts[0]);
    const form = await plant.openPage('#/devices/hostile/edit');
    await eventually(async () => (await field(form, 'Topic').inputValue()).length === 65002, 'the topic');
    const list = await plant.openPage('#/devices', { width: 390, height: 800 });
    await expectText(list.locator('.card.device').filter({ hasText: 'hostile' }), 'none yet');
    assert.ok(await list.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    for (const open of [page, form, list]) await open.close(); // none asks for what is gone
    await api('DELETE', '/devices/hostile');
});

test('a token that may only read sees no button that would be refused', async () => {
    const token = await call('add_token', { name: 'reader', scope: 'read' });
    const page = await plant.openPage('#/devices/oven', { token });
    await expectText(page.locator('h1'), /^oven/);
    for (const name of ['Copy', 'Delete', 'Switch off']) await expectCount(page.getByRole('button', { name }), 0);
    await expectCount(page.getByRole('link', { name: 'Edit' }), 0);
    const form = await plant.openPage('#/devices/oven/edit', { token });
    await expectText(form.locator('main'), 'may only read');
});
