// The jobs of a newcomer, from an empty store with the page alone, each in few clicks: from a broker full of JSON to
// registers (as learn.test.mjs does in all its forms), from a spreadsheet, thirty equal meters, a mistake undone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, call, checkAccess, eventually, expectCount, expectText, startPlant } from './harness.mjs';

const plant = await startPlant();
const main = (page) => page.locator('main');

// Counts what a person presses. Typing and pasting are steps, too.
function counted(page) {
    const steps = { clicks: 0 };
    const press = async (locator) => {
        await locator.click();
        steps.clicks++;
    };
    return { steps, press, link: (name) => press(page.getByRole('link', { name, exact: true }).first()), button: (name) => press(page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })) };
}

async function paste(field, text) {
    await field.focus();
    await field.evaluate((element, data) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', data);
        element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text);
}

test('from a broker full of JSON to registers, beginning at the empty page', async () => {
    await call('publish', { topic: 'plant/boiler/telemetry', payload: { supply: 61.5, burner: true }, retain: true });
    const page = await plant.openPage();
    const { steps, link, button } = counted(page);
    await link('Learn from the broker');
    await button('Listen');
    await expectText(main(page), 'telemetry');
    await button(/^Tick all that is new/);
    await button(/^Propose registers for/);
    await expectText(main(page), /1 device and 2 tags will be created/);
    await button('Save');
    await expectText(main(page), /1 device and 2 tags are in service/);
    await eventually(async () => (await api('GET', '/devices/boiler/tags/supply/value')).value === 61.5, 'the value');
    assert.ok(steps.clicks <= 5, `${steps.clicks} clicks`);
});

// A list as a German office keeps it: cp1252, semicolons, words of its own, a device in its first row only.
function germanList() {
    const lines = ['Gerät;Topic;Messstelle;Key;Register;Datentyp;Einheit;Bemerkung'];
    for (let meter = 1; meter <= 10; meter++)
        for (let at = 0; at < 15; at++)
            lines.push([at ? '' : `Zähler ${meter}`, at ? '' : `halle/zaehler${meter}`, `Größe ${at + 1}`, `/u/${at}`, 400001 + meter * 100 + at * 2, 'REAL', 'V', 'in Betrieb'].join(';'));
    return Buffer.from(lines.join('\r\n'), 'latin1');
}

test('from a spreadsheet of 150 tags, and back', async () => {
    await plant.renew();
    const page = await plant.openPage();
    const { steps, link, button } = counted(page);
    await link('import a file');
    await page.getByLabel('File to import').setInputFiles({ name: 'Zähler.csv', mimeType: 'text/csv', buffer: germanList() });
    steps.clicks += 2; // "Choose a file", and the file
    await expectText(main(page), /Nothing is imported yet\. 160 would be created/);
    await button(/^Import$/);
    await expectText(main(page), 'Imported: 160 created');
    await page.getByText('See the values').click();
    steps.clicks++;
    await expectText(main(page), /All\s+150/);
    assert.ok(steps.clicks <= 5, `${steps.clicks} clicks`);
    const tag = await api('GET', '/devices/Zaehler_10/tags/Groesse_15');
    assert.deepEqual([tag.label, tag.unit, tag.modbus.modicon, tag.modbus.type], ['Größe 15', 'V', '401029', 'float32']);
    await call('served');
    await eventually(async () => {
        await call('publish', { topic: 'halle/zaehler10', payload: { u: Array.from({ length: 15 }, (_, at) => 200 + at) } });
        return (await api('GET', '/devices/Zaehler_10/tags/Groesse_15/value')).value === 214;
    }, 'the value of the last row');
});

test('thirty equal meters of one description', async () => {
    await plant.renew();
    const page = await plant.openPage();
    const { steps, link, button } = counted(page);
    await link('make many equal devices');
    await page.getByLabel('Search the library').fill('energy meter');
    await button('Take energy-meter in');
    await expectText(main(page), 'Make devices of it');
    const rows = ['Name\tserial', ...Array.from({ length: 30 }, (_, at) => `meter-${at + 1}\t${4711 + at}`)];
    await paste(page.getByLabel('Name 1', { exact: true }), rows.join('\n'));
    await button('Create 30 devices');
    await expectText(main(page), '30 devices of it');
    assert.ok(steps.clicks <= 3, `${steps.clicks} clicks`);
    await call('served');
    await eventually(async () => {
        await call('publish', { topic: 'meters/4740/data', payload: { power: 123.5 } });
        return (await api('GET', '/devices/meter-30/tags/power/value')).value === 123.5;
    }, 'the value of the last meter');
});

test('a mistake undone: what was changed, by whom, and back', async () => {
    const before = await api('GET', '/devices/meter-30/tags');
    await api('DELETE', '/devices/meter-30');
    const page = await plant.openPage();
    const { steps, press, link, button } = counted(page);
    await link('Changes');
    await expectText(main(page), 'meter-30');
    await checkAccess(page);
    await expectText(main(page), 'Press a change to see what differs, and to undo it');
    await press(page.locator('.changes summary').first());
    await button('Undo');
    await expectText(page.getByRole('dialog'), 'meter-30');
    await press(page.getByRole('dialog').getByRole('button', { name: 'Undo', exact: true }));
    await expectText(page.locator('.notices'), /undone/);
    assert.ok(steps.clicks <= 4, `${steps.clicks} clicks`);
    assert.deepEqual((await api('GET', '/devices/meter-30/tags')).items.map((tag) => tag.modbus.address), before.items.map((tag) => tag.modbus.address));
});
