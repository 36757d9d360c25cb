// Import and export, and the changes with the way back.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { api, call, checkAccess, eventually, expectCount, expectGone, expectText, hostileTexts, startPlant } from './harness.mjs';

const plant = await startPlant();
const csv = (text) => ({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
const refused = [/Failed to load resource/];
const head = 'device,topic,tag,table,address,type,unit\n';

async function openTransfer(options) {
    const page = await plant.openPage('#/transfer', options);
    await page.getByRole('button', { name: 'Choose a file' }).waitFor();
    return page;
}

const choose = (page, file) => page.getByLabel('File to import').setInputFiles(file);
const importButton = (page) => page.getByRole('button', { name: 'Import', exact: true });

test('a file is checked, imported and undone', async () => {
    const page = await openTransfer();
    await choose(page, csv(`${head}press,hall/press,force,input_register,100,float32,kN\n,,strokes,input_register,102,uint16,\n`));
    await expectText(page.locator('main'), '3 would be created, 0 changed, 0 deleted');
    await expectText(page.getByRole('row').filter({ hasText: 'press/force' }), /new.*300101/s);
    assert.equal((await api('GET', '/devices')).total, 0, 'nothing is imported before the button');
    await checkAccess(page);
    await importButton(page).click();
    await expectText(page.locator('main'), 'Imported: 3 created');
    assert.equal((await api('GET', '/tags')).total, 2);
    await page.getByRole('button', { name: 'Undo the import' }).click();
    await expectText(page.locator('.notices'), 'undone');
    assert.equal((await api('GET', '/tags')).total, 0);
});

test('each fault has its row and column, and nothing is imported', async () => {
    const page = await openTransfer({ expect: refused });
    await choose(page, csv(`${head}press,hall/press,force,input_register,100,float33,kN\n,,strokes,input_register,x,uint16,\n`));
    await expectText(page.getByRole('alert'), /Nothing was imported from list\.csv/);
    await expectText(page.getByRole('row').filter({ hasText: 'float33' }), /row 2, column type.*float33.*must be one of/s);
    await expectText(page.getByRole('row').filter({ hasText: 'column address' }), /row 3/);
    await checkAccess(page);
    await choose(page, csv(''));
    await expectText(page.getByRole('alert'), /Nothing was imported/);
});

test('replace deletes only after a question, Esc cancels', async () => {
    await api('POST', '/import', { devices: [{ name: 'old', mqtt: { topic: 'old' }, tags: Array.from({ length: 25 }, (_, at) => ({ name: `t${at}` })) }] });
    const page = await openTransfer();
    await page.getByText('Options, and a table to paste').click();
    await page.getByLabel('Mode').selectOption('replace');
    await choose(page, csv(`${head}press,hall/press,force,input_register,100,float32,kN\n`));
    await expectText(page.locator('main'), '2 would be created, 0 changed, 26 deleted');
    await importButton(page).click();
    const question = page.getByRole('dialog');
    await expectText(question, '26 objects will be deleted');
    await page.keyboard.press('Escape');
    await expectGone(question);
    assert.equal((await api('GET', '/tags')).total, 25);
    await importButton(page).click();
    await page.getByRole('button', { name: 'Import and delete' }).click();
    await expectText(page.locator('main'), 'Imported: 2 created, 0 changed, 26 deleted');
    assert.equal((await api('GET', '/tags')).total, 1);
});

test('a change by somebody else after the check stops the import', async () => {
    const page = await openTransfer({ expect: refused });
    await choose(page, csv(`${head}press,hall/press,force,input_register,100,float32,N\n`));
    await expectText(page.locator('main'), '0 would be created, 1 changed');
    await api('PATCH', '/devices/press', { description: 'by somebody else' });
    await importButton(page).click();
    await expectText(page.getByRole('alert'), 'has changed since this check');
    assert.equal((await api('GET', '/devices/press/tags/force')).unit, 'kN');
    await page.getByRole('button', { name: 'Check the file again' }).click();
    await importButton(page).click();
    await expectText(page.locator('main'), 'Imported: 0 created, 1 changed');
});

test('a pasted table, and hostile texts as they are', async () => {
    const page = await openTransfer();
    await page.getByText('Options, and a table to paste').click();
    const text = hostileTexts[0];
    await page.getByLabel('Paste a table').fill(`device\ttopic\ttag\taddress\ttype\tlabel\tdescription\nh\thall/h\ta\t40001\tint16\t${text}\t"${text.replaceAll('"', '""')}"\n`);
    await page.getByRole('button', { name: 'Check the pasted table' }).click();
    await importButton(page).waitFor();
    await page.getByRole('row').filter({ hasText: 'h/a' }).click();
    await expectText(page.getByRole('dialog'), text);
    await page.getByRole('button', { name: 'Close' }).click();
});

test('a project of another product is recognised', async () => {
    const page = await openTransfer();
    const tags = { tags: [{ name: 'chiller', tagType: 'Folder', tags: [{ name: 'flow', valueSource: 'opc', opcItemPath: 'ns=1;s=[PLC]HRF301', readOnly: true }] }] };
    await page.getByText('Options, and a table to paste').click();
    await page.getByLabel('Topic', { exact: true }).fill('plant/{device}');
    await choose(page, { name: 'tags.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(tags)) });
    await expectText(page.locator('main'), /tags\.json \(Ignition/);
    await expectText(page.getByRole('row').filter({ hasText: 'chiller/flow' }), 'new');
});

test('export saves what the API answers', async () => {
    const page = await openTransfer();
    const saved = async (format) => {
        await page.getByLabel('Format').selectOption(format);
        const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save the file' }).click()]);
        return readFileSync(await file.path());
    };
    assert.deepEqual(JSON.parse(await saved('json')).devices.map((device) => device.name), ['press']);
    assert.match((await saved('semicolon')).toString(), /device;topic/);
    assert.equal((await saved('xlsx')).subarray(0, 2).toString(), 'PK');
    assert.match((await saved('map')).toString(), /<html/);
});

test('changes: who, what, the difference, and one undone', async () => {
    await api('PATCH', '/devices/press/tags/force', { unit: 'MN' });
    const page = await plant.openPage('#/changes');
    const entry = page.locator('.changes li').first();
    await expectText(entry, /changed tag press\/force.*unit N → MN.*no token, 127\.0\.0\.1/s);
    await entry.locator('summary').press('Enter');
    await checkAccess(page);
    await entry.getByRole('button', { name: 'Undo', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await expectText(dialog, '1 changed back');
    await expectText(dialog, 'unit MN → N');
    await page.keyboard.press('Enter');
    await expectText(page.locator('.notices'), 'undone');
    assert.equal((await api('GET', '/devices/press/tags/force')).unit, 'N');
    await expectText(page.locator('.changes li').first(), 'undid a change');
});

test('changes: what can no longer be undone says why', async () => {
    await api('PATCH', '/devices/press/tags/force', { unit: 'GN' });
    await api('PATCH', '/devices/press/tags/force', { unit: 'TN' });
    const page = await plant.openPage('#/changes?tag=force', { expect: refused });
    const entry = page.locator('.changes li').nth(1);
    await entry.locator('summary').click();
    await entry.getByRole('button', { name: 'Undo', exact: true }).click();
    await expectText(page.getByRole('dialog').getByRole('alert'), /unit is "TN" now/);
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
});

test('changes: new ones come by themselves, filters are in the address', async () => {
    const page = await plant.openPage('#/changes?device=press');
    await expectText(page.locator('.changes li').first(), 'GN → TN');
    await api('PATCH', '/devices/press', { description: 'new' });
    await expectText(page.locator('.changes li').first(), 'description');
    await api('PUT', '/devices/other', { mqtt: { topic: 'other' } });
    await page.getByLabel('Device').fill('nobody');
    await page.getByLabel('Device').press('Enter');
    await expectText(page.locator('main'), 'No change fits');
    assert.match(page.url(), /device=nobody/);
});

test('a token that may only read sees no import and no undo', async () => {
    const token = await call('add_token', { name: 'wall', scope: 'read' });
    const page = await plant.openPage('#/transfer', { token });
    await page.getByRole('button', { name: 'Save the file' }).waitFor();
    await expectCount(page.getByRole('button', { name: 'Choose a file' }), 0);
    await page.goto(`${plant.url}#/changes`);
    await page.locator('.changes summary').first().click();
    await eventually(() => page.getByText('request', { exact: false }).first().isVisible(), 'the entry');
    await expectCount(page.getByRole('button', { name: 'Undo' }), 0);
});
