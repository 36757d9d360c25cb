// Learn: from messages of a broker to registers; what is wrong on the way, and the way back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDevice, api, call, checkAccess, eventually, expectCount, expectGone, expectText, hostileTexts, startPlant } from './harness.mjs';

const plant = await startPlant();
const refused = [/Failed to load resource/];

const button = (page, name) => page.getByRole('button', { name });
const row = (page, text) => page.getByRole('row').filter({ hasText: text });
const keyRow = (page, text) => page.locator('.table-row', { has: page.locator('.key-name', { hasText: text }) });
const cell = (page, name) => page.getByLabel(name, { exact: true });

async function publishRetained(messages) {
    for (const [topic, payload] of Object.entries(messages)) await call('publish', { topic, payload, retain: true });
}

async function forgetAll() {
    const { items } = await api('GET', '/discoveries');
    for (const { id } of items) await api('DELETE', `/discoveries/${id}`);
}

// Listens to topics, and to nothing else, and waits until so many were heard; answers with the id of the discovery.
async function hear(topics, count) {
    await forgetAll();
    const { id } = await api('POST', '/discoveries', { topics, seconds: 600 });
    await eventually(async () => (await api('GET', `/discoveries/${id}`)).total >= count, `${count} topics`);
    return id;
}

async function openProposal(page) {
    await button(page, /^Tick all/).click();
    await button(page, /^Propose registers for/).click();
    await page.locator('.learn-save').waitFor();
}

const checked = (page, pattern) => expectText(page.locator('.learn-save'), pattern);

const retained = {
    'plant/boiler/telemetry': { supply: 61.5, return: 48.25, burner: 'ON' },
    'plant/pump/state': { flow: 12.5, speed: 1450, fault: false },
    'hall/1/sensor-a/state': { temperature: 20.5, battery: { percent: 88 } },
    'hall/1/sensor-b/state': { temperature: 21.5, battery: { percent: 78 } },
    'hall/1/sensor-c/state': { temperature: 22.5, battery: { percent: 68 } },
};
await publishRetained(retained);

test('from the empty page to registers in four clicks, and back', async () => {
    const page = await plant.openPage('#/learn');
    await button(page, 'Listen').click();
    await expectCount(row(page, 'sensor-c/state'), 1);
    await button(page, /^Tick all that is new/).click();
    await button(page, /^Propose registers for/).click();
    await checked(page, /5 devices and \d+ tags will be created: .*input registers \d+–\d+ of unit 1/);
    await button(page, 'Save').click();
    await expectText(page.locator('main'), /5 devices and \d+ tags are in service/);
    await eventually(async () => (await api('GET', '/devices/boiler/tags/supply/value')).value === 61.5, 'the value');
    const { modbus } = await api('GET', '/devices/boiler/tags/supply');
    assert.deepEqual(await call('read', { table: modbus.table, address: modbus.address, count: 2 }), [0x4276, 0]);
    await button(page, 'Undo').click();
    await checked(page, '5 devices');
    assert.equal((await api('GET', '/devices')).total, 0);
});

test('with the keyboard alone', async () => {
    const page = await plant.openPage('#/learn');
    await page.getByLabel('Topic').fill('plant/#');
    await page.keyboard.press('Enter');
    const tree = page.getByRole('treegrid');
    await expectCount(row(page, 'pump/state'), 1);
    await tree.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await expectText(page.locator('.details'), 'plant/boiler/telemetry');
    await eventually(async () => {
        if ((await keyRow(page, 'burner').count()) === 0) await page.keyboard.press('ArrowRight');
        return (await keyRow(page, 'burner').count()) > 0;
    }, 'the keys of the topic');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await expectText(button(page, /^Propose/), 'Propose registers for 1 value');
    await page.keyboard.press('Space');
    await expectText(button(page, /^Propose/), /^Propose registers$/);
    await page.keyboard.press('Space');
    await page.keyboard.press('Escape');
    await expectGone(page.locator('.details'));
    await button(page, /^Propose/).focus();
    await page.keyboard.press('Enter');
    await checked(page, '1 device and 1 tag will be created: input registers');
    await button(page, 'Save').focus();
    await page.keyboard.press('Enter');
    await expectText(page.locator('main'), '1 device and 1 tag are in service');
    await button(page, 'Undo').focus();
    await page.keyboard.press('Enter');
    await checked(page, '1 device and 1 tag');
});

test('each fault of the form stands at its field, and what was typed stays', async () => {
    const page = await plant.openPage('#/learn', { expect: refused });
    await button(page, 'Add a topic').click();
    await page.getByLabel('Topic 1', { exact: true }).fill('a/#/b');
    await page.getByLabel('Seconds').fill('soon');
    await button(page, 'Listen').click();
    const fields = page.locator('.field.faulty');
    await expectCount(fields, 3);
    await expectText(fields.nth(0), 'topic filter');
    await expectText(fields.nth(2), /integer|from 1 to 3600/);
    assert.equal(await page.getByLabel('Topic 1', { exact: true }).inputValue(), 'a/#/b');
    await checkAccess(page);
    await button(page, 'Remove topic 2').click();
    await page.getByLabel('Topic', { exact: true }).fill('plant/#');
    await page.getByLabel('Seconds').fill('2');
    await button(page, 'Listen').click();
    await expectText(page.locator('.heading'), 'ended');
    const first = page.url();
    await button(page, 'Listen again').click();
    await eventually(() => page.url() !== first, 'another discovery');
    await expectCount(row(page, 'pump/state'), 1);
});

test('a link names the topic', async () => {
    const page = await plant.openPage(`#/learn?topic=${encodeURIComponent('plant/pump/state')}`);
    assert.equal(await page.getByLabel('Topic').inputValue(), 'plant/pump/state');
});

test('one value alone: only its tag is proposed', async () => {
    const id = await hear(['hall/#', 'plant/#'], 5);
    const page = await plant.openPage(`#/learn/${id}`);
    await page.getByRole('searchbox').fill('percent');
    await expectCount(row(page, 'sensor-b/state'), 1);
    await keyRow(page, 'battery › percent').nth(1).getByRole('checkbox').check();
    await page.getByRole('searchbox').fill('flow');
    await expectCount(keyRow(page, 'flow'), 1);
    await keyRow(page, 'flow').getByRole('checkbox').check();
    await button(page, 'Propose registers for 2 values').click();
    await checked(page, '2 devices and 2 tags will be created');
    await expectCount(cell(page, 'Name of sensor-b/percent'), 1);
    await expectCount(cell(page, 'Name of pump/flow'), 1);
    await button(page, 'Back to the topics').click();
    await expectText(button(page, /^Propose/), '2 values');
});

test('what comes later in a ticked branch is ticked, too', async () => {
    const id = await hear(['later/#'], 0);
    const page = await plant.openPage(`#/learn/${id}`);
    await expectText(page.locator('main'), 'No message yet');
    await eventually(async () => (await api('GET', `/discoveries/${id}`)).state === 'running', 'listening');
    await call('publish', { topic: 'later/a', payload: { x: 1 } });
    await call('publish', { topic: 'later/b', payload: { x: 1 } });
    await row(page, '2 topics').getByRole('checkbox').check();
    await expectText(button(page, /^Propose/), '2 values');
    await call('publish', { topic: 'later/c', payload: { x: 1, y: 2 } });
    await expectText(button(page, /^Propose/), '4 values');
});

test('leaving with ticks asks; Esc stays', async () => {
    const id = await hear(['plant/#'], 2);
    const page = await plant.openPage(`#/learn/${id}`);
    await button(page, /^Tick all/).click();
    await page.getByRole('link', { name: 'Live', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await expectText(dialog, 'not in registers yet');
    await page.keyboard.press('Escape');
    await expectGone(dialog);
    assert.match(page.url(), /#\/learn\/\d+$/);
    await page.getByRole('link', { name: 'Live', exact: true }).click();
    await button(page, 'Leave').click();
    await eventually(() => /#\/live/.test(page.url()), 'Live');
});

test('each fault of a proposal stands below its row, and is found from the list', async () => {
    await addDevice('taken', 'other/taken', [{ name: 'x', modbus: { table: 'input_register', address: 5, type: 'uint16' } }]);
    const id = await hear(['plant/#'], 2);
    const page = await plant.openPage(`#/learn/${id}`, { expect: refused });
    await openProposal(page);
    await checked(page, '2 devices and 6 tags');
    await cell(page, 'Name of boiler/return').fill('a b');
    await cell(page, 'Scale of boiler/supply').fill('0');
    await cell(page, 'Address of pump/flow').fill('5');
    await expectCount(page.locator('.note-row .fault'), 3);
    await expectText(page.locator('.note-row'), /must begin with a letter or digit/);
    await expectText(page.locator('.note-row'), /taken\/x/);
    await expectText(page.locator('.note.wrong'), '3 faults');
    assert.equal(await button(page, 'Save').isDisabled(), true);
    await checkAccess(page);
    await button(page, 'Take free registers for all').click();
    await cell(page, 'Name of boiler/a b').fill('return_flow');
    await cell(page, 'Scale of boiler/supply').fill('1');
    await expectGone(page.locator('.note-row'));
    // An import would change a device of this name.
    await cell(page, 'Name of pump').fill('taken');
    await expectText(page.locator('.note-row'), 'There is a device taken already');
    await button(page, 'taken name').click();
    await cell(page, 'Name of taken').fill('pump-2');
    await cell(page, 'Label of pump-2/speed').fill('Speed of the pump');
    await cell(page, 'Unit of pump-2/speed').fill('1/min');
    await cell(page, 'Type of pump-2/speed').selectOption('uint32');
    await cell(page, 'Table of pump-2/fault').selectOption('holding_register');
    await page.getByLabel('Take pump-2/flow', { exact: true }).uncheck();
    await checked(page, '2 devices and 5 tags will be created');
    await expectGone(page.locator('.note-row'));
    await button(page, 'Save').click();
    await expectText(page.locator('main'), '2 devices and 5 tags are in service');
    const speed = await api('GET', '/devices/pump-2/tags/speed');
    assert.deepEqual([speed.label, speed.unit, speed.modbus.type], ['Speed of the pump', '1/min', 'uint32']);
    assert.equal((await api('GET', '/devices/pump-2/tags/fault')).modbus.table, 'holding_register');
    await eventually(async () => (await api('GET', '/devices/pump-2/tags/speed/value')).value === 1450, 'the value');
});

test('what tags read is marked, and the rest goes to the device that is there', async () => {
    const id = await hear(['plant/#'], 2);
    const page = await plant.openPage(`#/learn/${id}`);
    await page.getByRole('searchbox').fill('speed');
    await expectCount(page.getByRole('link', { name: 'pump-2/speed' }), 1);
    await expectCount(keyRow(page, 'speed').getByRole('checkbox'), 0);
    await page.getByRole('searchbox').fill('');
    await openProposal(page);
    await checked(page, '1 tag will be created, some of the tags in pump-2: input registers');
    await button(page, 'Save').click();
    await expectText(page.locator('main'), '1 tag is in service');
    assert.equal((await api('GET', '/devices')).total, 3);
    await api('GET', '/devices/pump-2/tags/flow');
    for (const device of ['boiler', 'pump-2', 'taken']) await api('DELETE', `/devices/${device}`);
});

test('the preview follows what is typed', async () => {
    const id = await hear(['plant/#'], 2);
    const page = await plant.openPage(`#/learn/${id}`, { expect: refused });
    await openProposal(page);
    await checked(page, '2 devices');
    await cell(page, 'Scale of boiler/supply').fill('0.5');
    const preview = page.locator('.learn-preview');
    await expectText(preview, '61.5');
    await expectText(preview, '42F6 0000');
    await cell(page, 'Type of boiler/supply').selectOption('uint16');
    await expectText(preview, '007B');
    await cell(page, 'Type of pump/fault').focus();
    await expectText(preview, 'false');
});

test('one profile for devices that are alike', async () => {
    const id = await hear(['hall/#'], 3);
    const page = await plant.openPage(`#/learn/${id}`, { expect: refused });
    await openProposal(page);
    await expectText(page.locator('.note'), 'are alike');
    await button(page, 'Use a profile').click();
    await checked(page, '1 profile, 3 devices and 6 tags will be created');
    await cell(page, 'Name of sensor-a').fill('north');
    const profile = page.locator('.draft-name.group input.cell').first();
    await profile.fill('hall sensor');
    await expectText(page.locator('.note-row'), 'must begin with');
    await profile.fill('hall-sensor');
    await cell(page, 'Type of hall-sensor/percent').selectOption('uint32');
    await expectGone(page.locator('.note-row'));
    await checked(page, /input registers \d+–\d+ of unit 1/);
    await button(page, 'Save').click();
    await expectText(page.locator('main'), '1 profile, 3 devices and 6 tags are in service');
    assert.equal((await api('GET', '/devices/north')).profile.name, 'hall-sensor');
    await eventually(async () => (await api('GET', '/devices/north/tags/percent/value')).value === 88, 'the value');
    await button(page, 'Undo').click();
    await checked(page, '3 devices');
    assert.equal((await api('GET', '/profiles')).total, 0);
});

test('another unit, and holding registers only', async () => {
    const id = await hear(['plant/#'], 2);
    const page = await plant.openPage(`#/learn/${id}`, { expect: refused });
    await openProposal(page);
    await checked(page, 'discrete input');
    await page.getByLabel('Holding registers only').check();
    await checked(page, /: holding registers \d+–\d+ of unit 1/);
    await page.getByLabel('Unit of new devices').fill('99');
    await page.keyboard.press('Tab');
    await expectText(page.getByRole('alert'), '99');
});

test('nothing heard, forgotten, too many, a broker that is away', async () => {
    await forgetAll();
    const { id } = await api('POST', '/discoveries', { topics: ['nobody/publishes/this'], seconds: 1 });
    const page = await plant.openPage(`#/learn/${id}`, { expect: refused });
    await expectText(page.locator('main'), 'No message came');
    await checkAccess(page);
    await api('DELETE', `/discoveries/${id}`);
    await page.reload();
    await expectText(page.locator('main'), 'is not kept any more');
    await checkAccess(page);
    for (let i = 0; i < 4; i++) await api('POST', '/discoveries', { topics: [`some/${i}`], seconds: 600 });
    await page.getByRole('link', { name: 'Listen again' }).click();
    await expectCount(page.getByRole('link', { name: /^some\/\d$/ }), 4);
    await button(page, 'Listen').click();
    await expectText(page.getByRole('alert'), /4 discoveries run.*forget one/);
    await checkAccess(page);
    await button(page, /^Forget discovery/).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
    await expectCount(page.getByRole('link', { name: /^some\/\d$/ }), 3);
    await call('stop_part', { part: 'broker' });
    await button(page, 'Listen').click();
    await expectText(page.locator('.note.warning'), /broker|connect/i);
    await call('start_part', { part: 'broker' });
    await expectText(page.locator('.heading'), 'listening');
    await forgetAll();
    await publishRetained(retained); // the broker has lost them
});

test('hostile topics and payloads are shown as text, long ones can be seen whole', async () => {
    const long = 'x'.repeat(65536);
    await publishRetained({ [`hostile/${hostileTexts[0]}`]: { [hostileTexts[1]]: hostileTexts[3] }, 'hostile/long': { text: long } });
    let heard = 2;
    for (const [index, text] of hostileTexts.entries()) {
        await call('publish', { topic: `hostile/${index}`, payload: JSON.stringify({ [text]: text }), retain: true });
        heard++;
    }
    const id = await hear(['hostile/#'], heard);
    const page = await plant.openPage(`#/learn/${id}`, { expect: refused });
    await expectCount(row(page, hostileTexts[0]), 1);
    await row(page, 'long').first().click();
    await eventually(async () => (await page.locator('.details pre').innerText()).length > 4000, 'the payload');
    await checkAccess(page);
    await openProposal(page);
    await checked(page, /\d+ devices? and \d+ tags/);
    await checkAccess(page);
    assert.equal(await page.evaluate(() => document.images.length), 0);
});

test('a token that may only read looks, and changes nothing', async () => {
    const id = await hear(['plant/#'], 2);
    const token = await call('add_token', { name: 'wall', scope: 'read' });
    const page = await plant.openPage('#/learn', { token });
    await expectText(page.locator('main'), 'may only read');
    await expectCount(button(page, 'Listen'), 0);
    await page.locator(`a[href="#/learn/${id}"]`).click();
    await expectCount(row(page, 'pump/state'), 1);
    await expectCount(page.getByRole('treegrid').getByRole('checkbox'), 0);
    for (const name of [/^Tick/, /^Propose/, 'Forget']) await expectCount(button(page, name), 0);
});

test('no violation for a screen reader, light and dark, wide and narrow; a phone edits in a dialog', async () => {
    const token = await call('add_token', { name: 'engineer', scope: 'write' });
    const { items } = await (await fetch(`${plant.url}api/v1/discoveries`, { headers: { Authorization: `Bearer ${token}` } })).json();
    const { id } = items.find((one) => one.topics.includes('plant/#'));
    for (const dark of [false, true]) {
        for (const width of [1280, 390]) {
            const page = await plant.openPage('#/learn', { dark, width, token, expect: refused });
            await expectCount(page.locator(`a[href="#/learn/${id}"]`), 1);
            await checkAccess(page);
            await page.locator(`a[href="#/learn/${id}"]`).click();
            await row(page, 'pump/state').click();
            await checkAccess(page);
            assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
            await openProposal(page);
            await checked(page, '2 devices');
            await checkAccess(page);
            if (width > 700) continue;
            await row(page, 'speed').click();
            const dialog = page.getByRole('dialog');
            await dialog.getByLabel('Name').fill('no blank');
            await expectText(dialog, 'must begin with');
            await checkAccess(page);
            await dialog.getByLabel('Name').fill('speed_2');
            await button(page, 'Done').click();
            await expectCount(row(page, 'speed_2'), 1);
        }
    }
});
