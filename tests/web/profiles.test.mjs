// Profiles: the library, one profile, many devices of it, its text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDevice, api, checkAccess, eventually, expectCount, expectGone, expectText, startPlant } from './harness.mjs';

const plant = await startPlant();
const field = (page, label) => page.getByLabel(label, { exact: true });
const card = (page, title) => page.locator('.card').filter({ has: page.getByRole('heading', { name: title }) });

test('a profile of the library is looked at and taken in', async () => {
    const page = await plant.openPage('#/profiles');
    await expectText(page.locator('main'), 'None yet');
    await page.getByLabel('Search the library').fill('three-phase energy');
    await page.getByRole('link', { name: 'energy-meter', exact: true }).click();
    await expectText(page.locator('main'), 'The serial number');
    await checkAccess(page);
    await page.getByRole('button', { name: 'Take in' }).click();
    await expectText(page.locator('main'), 'Make devices of it');
    await checkAccess(page);
});

async function paste(page, label, text) {
    await field(page, label).focus();
    await field(page, label).evaluate((element, data) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', data);
        element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text);
}

test('rows pasted from a spreadsheet become devices, all or none', async () => {
    const page = await plant.openPage('#/profiles/energy-meter', { expect: [/409|422/] });
    await paste(page, 'Name 1', 'serial\tname\r\n4711\tmeter-1\r\n\tmeter-2\r\n');
    await eventually(async () => (await field(page, 'serial 1').inputValue()) === '4711', 'the pasted cell');
    await page.getByRole('button', { name: 'Create 2 devices' }).click();
    await expectText(page.locator('.cell-grid .fault'), 'serial is required');
    await checkAccess(page);
    assert.equal((await api('GET', '/devices')).total, 0);
    await field(page, 'serial 2').fill('4712');
    await page.getByRole('button', { name: 'Create 2 devices' }).click();
    await expectText(page.locator('.note.good'), 'meter-1, meter-2');
    await expectText(page.locator('main'), '2 devices of it');
    await paste(page, 'serial 1', '1\nmeters/x\t7');
    await eventually(async () => (await field(page, 'root 2').inputValue()) === '7', 'the pasted cell');
});

test('leaving the profile, and a deletion that is refused', async () => {
    const page = await plant.openPage('#/profiles/energy-meter', { expect: [/409/] });
    await page.getByRole('button', { name: 'Let meter-2 leave the profile' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave the profile' }).click();
    await expectText(page.locator('main'), '1 device of it');
    await page.getByRole('button', { name: 'Delete' }).click();
    await expectText(page.getByRole('dialog'), '1 device uses it');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expectText(page.locator('.notices'), 'uses the profile: meter-1');
});

test('a device of a profile shows what the profile sets, and its tags are changed there', async () => {
    const page = await plant.openPage('#/devices/meter-1/edit');
    await expectText(page.locator('main'), 'Set by the profile energy-meter');
    assert.ok(await field(page, 'Topic').isDisabled());
    await field(page, 'serial').fill('4799');
    await page.getByRole('button', { name: 'Save' }).click();
    await expectText(page.locator('main'), 'meters/4799/data');
    const tag = await plant.openPage('#/devices/meter-1/tags/power/edit');
    await expectText(tag.locator('main'), 'follows the profile');
});

test('the text of a profile: no JSON, faults at their lines, somebody else, saving', async () => {
    const page = await plant.openPage('#/profiles/energy-meter?edit=1', { expect: [/412|422|409/] });
    const text = page.getByLabel('Profile as JSON');
    const good = await text.inputValue();
    await text.fill(good.replace('"label"', '"label'));
    await page.getByRole('button', { name: 'Save' }).click();
    await expectText(page.locator('.note.wrong'), /JSON/);
    await text.fill(good.replace('"float32"', '"float33"').replace('"stale_after_s"', '"stale"'));
    await page.getByRole('button', { name: 'Save' }).click();
    await expectText(page.locator('.fault-lines'), /Line \d+.*\/device\/mqtt\/stale.*Line \d+.*\/tags\/0\/modbus\/type/s);
    await page.locator('.fault-lines').getByRole('button').last().click();
    assert.equal(await text.evaluate((element) => element.value.slice(element.selectionStart, element.selectionEnd)), '"float33"');
    await checkAccess(page);
    await api('PATCH', '/profiles/energy-meter', { label: 'Theirs' });
    await text.fill(good.replace('"unit": "Hz"', '"unit": "1/s"'));
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog');
    await expectText(dialog, 'Theirs');
    await checkAccess(page);
    await dialog.getByRole('button', { name: 'Keep mine and save over it' }).click();
    await expectText(page.locator('main'), 'Make devices of it');
    const read = await api('GET', '/profiles/energy-meter');
    assert.equal(read.label, 'Three-phase energy meter');
    assert.ok(read.tags.some((tag) => tag.unit === '1/s'));
});

test('a profile of a device that works', async () => {
    await addDevice('boiler-7', 'plant/boiler-7/data', [{ name: 'temp' }]);
    const page = await plant.openPage('#/devices/boiler-7', { expect: [/409|422/] });
    await page.getByRole('link', { name: 'Make a profile' }).click();
    await expectText(page.getByRole('dialog'), 'plant/boiler-7/data');
    await field(page, 'Name of the profile').fill('energy-meter');
    await page.getByRole('button', { name: 'Make the profile' }).click();
    await expectText(page.getByRole('dialog').locator('.fault'), /./);
    await checkAccess(page);
    await field(page, 'Name of the profile').fill('boiler');
    await page.getByRole('button', { name: 'Make the profile' }).click();
    await expectText(page.locator('main'), '1 device of it');
    assert.equal((await api('GET', '/devices/boiler-7')).profile.name, 'boiler');
});

test('a profile is deleted and brought back', async () => {
    await api('POST', '/profiles', { library: 'sensor' });
    const page = await plant.openPage('#/profiles/sensor');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expectGone(card(page, 'Profiles here').getByRole('link', { name: 'sensor', exact: true }));
    await page.getByRole('button', { name: 'Undo' }).click();
    await expectCount(card(page, 'Profiles here').getByRole('link', { name: 'sensor', exact: true }), 1);
});

test('a profile that is written by hand', async () => {
    const page = await plant.openPage('#/profiles?new=1');
    const text = page.getByLabel('Profile as JSON');
    await text.fill((await text.inputValue()).replace('"name": ""', '"name": "own"'));
    await page.getByRole('button', { name: 'Create' }).click();
    await expectText(page.locator('h1'), 'own');
});
