// Uses the vendor's SDK for JavaScript as its documentation shows and prints what it saw, step by step, as one JSON
// document. The sandbox's ready document comes on standard input. A step that throws is shown as its error.
// The SDK takes only addresses of the vendor's own, so it is led here as a proxy's administrator would: Node's global
// agent goes by HTTPS_PROXY, and NODE_EXTRA_CA_CERTS names whom to trust.
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import sdk from '@intacct/intacct-sdk';
import preferences from '@intacct/intacct-sdk/dist/Functions/Company/CompanyPrefsGet.js';
import permissions from '@intacct/intacct-sdk/dist/Functions/Company/GetUserPermissions.js';
import { HttpsProxyAgent } from 'https-proxy-agent';

https.globalAgent = new HttpsProxyAgent(process.env.HTTPS_PROXY);

const { ClientConfig, Functions, OfflineClient, OnlineClient, RequestConfig, SessionProvider } = sdk;
const { AccountsReceivable, Common, Company, InventoryControl, PlatformServices } = Functions;
const { Query, QueryFilter, QueryOrderBy, QuerySelect } = Common.NewQuery;
const legacy = Common.Query;

const { intacct } = JSON.parse(await readAll(process.stdin));
const seen = {};

async function readAll(stream) {
  let text = '';
  for await (const part of stream) text += part;
  return text;
}

async function step(name, body) {
  try {
    seen[name] = (await body()) ?? null;
  } catch (error) {
    seen[name] = { thrown: error.constructor.name, message: String(error.message), errors: error.errors ?? null };
  }
}

function settings(changes = {}) {
  const config = new ClientConfig();
  config.senderId = intacct.sender_id;
  config.senderPassword = intacct.sender_password;
  config.companyId = intacct.company_id;
  config.userId = intacct.user_id;
  config.userPassword = intacct.user_password;
  return Object.assign(config, changes);
}

function requests(changes = {}) {
  return Object.assign(new RequestConfig(), { maxRetries: 0, ...changes });
}

function set(made, values) {
  return Object.assign(made, values);
}

function of(Kind, values = {}, control = undefined) {
  return set(new Kind(control), values);
}

const fields = (...names) => new QuerySelect.SelectBuilder().addFields(names).selects;
const where = (name) => new QueryFilter.Filter(name);
const ordered = (name) => new QueryOrderBy.OrderBuilder().addAscending(name).orders;

// Logins.
const loginClient = new OnlineClient(settings());
await step('login', async () => {
  const { control, authentication } = await loginClient.execute(of(Common.Lookup, { objectName: 'CONTACT' }));
  return { sender: control.senderId, unique: control.uniqueId, dtd: control.dtdVersion, ...plain(authentication) };
});
let session;
await step('session', async () => {
  session = await SessionProvider.factory(settings());
  return {
    endpoint: session.endpointUrl, entity: session.entityId, company: session.companyId, user: session.userId,
    given: session.sessionId.length > 20, timed: [session.sessionTimestamp, session.sessionTimeout],
  };
});
await step('sessionInEntity', async () => {
  const own = await SessionProvider.factory(settings({ entityId: 'E100' }));
  const reply = await new OnlineClient(own).execute(query('CUSTOMER', { selectFields: fields('RECORDNO'), pageSize: 1 }));
  return [own.entityId, reply.authentication.entityId];
});
await step('sessionFromSession', async () => {
  const own = await SessionProvider.factory(settings({ sessionId: session.sessionId, entityId: 'E200' }));
  return own.entityId;
});
await step('sessionToTop', async () => {
  const own = await SessionProvider.factory(settings({ entityId: 'E100' }));
  own.entityId = '';
  return (await SessionProvider.factory(own)).entityId;
});
await step('wrongPassword', () => SessionProvider.factory(settings({ userPassword: 'wrong' })));
await step('wrongCompany', () => SessionProvider.factory(settings({ companyId: 'nobody' })));
await step('wrongEntity', () => SessionProvider.factory(settings({ entityId: 'E999' })));
await step('wrongSender', () => SessionProvider.factory(settings({ senderPassword: 'wrong' })));
await step('deadSession', () => {
  const own = settings({ sessionId: 'faKEsEsSiOnId..' });
  return new OnlineClient(own).execute(of(Common.Lookup, { objectName: 'ITEM' }), requests());
});
await step('offline', async () => {
  const config = requests({ policyId: 'asyncPolicyId' });
  return (await new OfflineClient(settings()).execute(of(Common.Lookup, { objectName: 'ITEM' }), config)).status;
});

const client = new OnlineClient(session ?? settings());
const run = (call, config) => client.execute(call, config ?? requests());
const first = async (call, config) => (await run(call, config)).getResult();

function query(object, values) {
  const made = of(Query, values);
  return set(made, { fromObject: object });
}

function plain(value) {
  return JSON.parse(JSON.stringify(value));
}

function shown(result) {
  return {
    function: result.functionName, list: result.listType, count: result.count, total: result.totalCount,
    remaining: result.numRemaining, key: result.key, start: result.start, end: result.end, data: plain(result.data ?? null),
  };
}

// What there is.
await step('lookup', async () => {
  const [type] = (await first(of(Common.Lookup, { objectName: 'CUSTOMER' }))).data;
  const ids = type.Fields.Field.map((field) => field.ID);
  return { name: type.$.Name, ids, relations: type.Relationships.Relationship.map((one) => one.OBJECTPATH) };
});
await step('inspect', async () => {
  const [type] = (await first(of(Common.Inspect, { objectName: 'ITEM' }))).data;
  return { name: type.$.Name, fields: type.Fields.Field.length };
});
await step('inspectAll', async () => {
  const result = await first(of(Common.Inspect));
  return { count: result.count, names: result.data.map((type) => type.$.typename) };
});
await step('lookupUnknown', () => run(of(Common.Lookup, { objectName: 'NOSUCH' })));
await step('dimensions', async () => plain((await first(of(PlatformServices.DimensionsGet))).data));
await step('dimensionRelationships', async () => plain((await first(of(PlatformServices.DimensionRelationshipsGet))).data));
await step('preferences', async () => plain((await first(of(preferences.default, { application: 'AR' }))).data));
await step('permissions', async () => {
  const [told] = (await first(of(permissions.default, { userId: intacct.user_id }))).data;
  return Object.keys(told);
});

// Contacts, customers, items, warehouses: all they can carry.
const stamp = 'JS';
const person = {
  contactName: `Ünal, Mia (${stamp})`, printAs: 'Mia Ünal', companyName: 'Fern & Söhne <GmbH>', prefix: 'Ms.', firstName: 'Mia',
  lastName: 'Ünal', middleName: 'Q', active: true, primaryPhoneNo: '+49 30 555 0100', secondaryPhoneNo: '555 0101',
  cellularPhoneNo: '555 0102', pagerNo: '555 0103', faxNo: '555 0104', primaryEmailAddress: 'mia@fern.example',
  secondaryEmailAddress: 'mia2@fern.example', primaryUrl: 'https://fern.example', secondaryUrl: 'https://two.fern.example',
  addressLine1: '1 Straße', addressLine2: 'Floor 2', city: 'Köln', stateProvince: 'NW', zipPostalCode: '50667', country: 'Germany',
};
await step('contactCreate', async () => shown(await first(of(Company.ContactCreate, person))));
await step('contactDuplicate', () => run(of(Company.ContactCreate, person)));
await step('contactBadEmail', () => run(of(Company.ContactCreate, { ...person, contactName: 'Bad mail', primaryEmailAddress: 'nonsense' })));
await step('contactRead', async () => {
  const call = query('CONTACT', {
    selectFields: fields('RECORDNO', 'CONTACTNAME', 'COMPANYNAME', 'PHONE1', 'URL1', 'MAILADDRESS.ADDRESS1', 'MAILADDRESS.COUNTRY',
      'MAILADDRESS.COUNTRYCODE', 'INITIAL', 'STATUS'),
    filter: where('CONTACTNAME').equalTo(person.contactName),
  });
  return shown(await first(call));
});
await step('contactUpdate', async () => {
  return shown(await first(of(Company.ContactUpdate, { contactName: person.contactName, printAs: 'Mia U.', active: false })));
});
const firm = {
  customerId: `C-${stamp}`, customerName: 'Fern & Söhne <GmbH>', printAs: 'Fern & Söhne', companyName: 'Fern & Söhne', active: true,
  primaryPhoneNo: '555 0200', primaryEmailAddress: 'ap@fern.example', addressLine1: '1 Quay', city: 'Portland', stateProvince: 'OR',
  zipPostalCode: '97201', country: 'United States', comments: 'two\nlines "quoted"', creditLimit: 1234.5, onHold: false, oneTime: false,
  taxId: '77-1', defaultCurrency: 'USD', primaryContactName: person.contactName, restrictionType: 'Unrestricted',
};
await step('customerCreate', async () => shown(await first(of(AccountsReceivable.CustomerCreate, firm))));
await step('customerDuplicate', () => run(of(AccountsReceivable.CustomerCreate, firm)));
await step('customerBadParent', () => run(of(AccountsReceivable.CustomerCreate, { customerId: 'C-bad', customerName: 'Bad', printAs: 'Bad', parentCustomerId: 'nobody' })));
await step('customerUpdate', async () => {
  const call = of(AccountsReceivable.CustomerUpdate, { customerId: firm.customerId, comments: 'changed', creditLimit: 2000 });
  return shown(await first(call));
});
await step('customerRead', async () => {
  const byName = (await first(of(Common.ReadByName, { objectName: 'CUSTOMER', names: [firm.customerId], fields: [] }))).data;
  const byKey = await first(of(Common.Read, { objectName: 'CUSTOMER', keys: [Number(byName[0].RECORDNO)], fields: ['NAME', 'COMMENTS', 'CREDITLIMIT', 'STATUS'] }));
  return { named: plain(byName[0]), keyed: shown(byKey) };
});
await step('readMissing', async () => shown(await first(of(Common.Read, { objectName: 'CUSTOMER', keys: [99999999], fields: [] }))));
await step('readUnknownField', () => run(of(Common.Read, { objectName: 'CUSTOMER', keys: [1], fields: ['NOSUCH'] })));
const thing = {
  itemId: `I-${stamp}`, itemName: 'Pump "8" bar', itemType: 'Inventory', costMethod: 'Average', extendedDescription: 'long', salesDescription: 's',
  purchasingDescription: 'p', note: 'n', standardCost: '118.50', basePrice: '199', taxable: true, upc: '400000000001', active: true,
  unitCostPrecisionInventory: 2, unitCostPrecisionSales: 2, unitCostPrecisionPurchasing: 2,
};
await step('itemCreate', async () => shown(await first(of(InventoryControl.ItemCreate, thing))));
await step('itemDuplicate', () => run(of(InventoryControl.ItemCreate, thing)));
await step('itemUpdate', async () => shown(await first(of(InventoryControl.ItemUpdate, { itemId: thing.itemId, itemName: 'Pump 9', basePrice: '210.25' }))));
await step('warehouseCreate', async () => {
  return shown(await first(of(InventoryControl.WarehouseCreate, { warehouseId: `W-${stamp}`, warehouseName: 'North dock', locationId: 'E100', active: true })));
});
await step('warehouseUpdate', async () => {
  const [row] = (await first(query('WAREHOUSE', { selectFields: fields('RECORDNO'), filter: where('WAREHOUSEID').equalTo(`W-${stamp}`) }))).data;
  const changed = of(InventoryControl.WarehouseUpdate, { recordNo: Number(row.RECORDNO), warehouseId: `W-${stamp}`, warehouseName: 'South dock' });
  return shown(await first(changed));
});

// Stock.
function movement(lines, kind = 'Inventory Receipt') {
  return of(InventoryControl.InventoryTransactionCreate, {
    transactionDefinition: kind, transactionDate: new Date(2026, 8, 1), referenceNumber: 'js', lines,
  });
}
const line = (quantity) => of(InventoryControl.InventoryTransactionLineCreate, {
  itemId: thing.itemId, warehouseId: `W-${stamp}`, quantity, unit: 'Each', cost: 7,
});
await step('stockReceipt', async () => shown(await first(movement([line(12)]))));
await step('stockBadItem', () => run(movement([set(line(1), { itemId: 'nothing' })])));
await step('stock', async () => {
  const select = fields('ITEMID', 'WAREHOUSEID');
  const rows = (await first(query('ITEMWAREHOUSEINFO', { selectFields: select, filter: where('ITEMID').equalTo(thing.itemId) }))).data;
  const [item] = (await first(query('ITEM', { selectFields: fields('IONHAND', 'NAME', 'BASEPRICE'), filter: where('ITEMID').equalTo(thing.itemId) }))).data;
  return { rows: plain(rows), item: plain(item) };
});

// Queries.
const { AndOperator, OrOperator } = QueryFilter;
const names = async (object, field, filter, more = {}) => {
  const result = await first(query(object, { selectFields: fields(field), filter, orderBy: ordered(field), pageSize: 2000, ...more }));
  return result.data.map((row) => row[field]);
};
await step('everyCustomer', () => names('CUSTOMER', 'CUSTOMERID'));
await step('filters', async () => {
  const all = await names('CUSTOMER', 'CUSTOMERID');
  const [low, , high] = all;
  const id = () => where('CUSTOMERID');
  const given = {
    equal: id().equalTo(low), unequal: id().notEqualTo(low), less: id().lessThan(high), atMost: id().lessThanOrEqualTo(high),
    more: id().greaterThan(low), atLeast: id().greaterThanOrEqualTo(low), between: id().between(low, high), among: id().in([low, high]),
    notAmong: id().notIn([low, high]), like: id().like(`${low.slice(0, 3)}%`), unlike: id().notLike(`${low.slice(0, 3)}%`),
    empty: where('PARENTID').isNull(), filled: where('NAME').isNotNull(),
    both: new AndOperator([id().greaterThan(low), id().lessThan(high)]), either: new OrOperator([id().equalTo(low), id().equalTo(high)]),
    nested: new AndOperator([where('STATUS').equalTo('active'), new OrOperator([id().equalTo(low), id().equalTo(high)])]),
  };
  const counts = { all: all.length };
  for (const [name, filter] of Object.entries(given)) counts[name] = (await names('CUSTOMER', 'CUSTOMERID', filter)).length;
  return counts;
});
await step('caseInsensitive', async () => {
  const filter = () => where('NAME').equalTo(firm.customerName.toUpperCase());
  return [await names('CUSTOMER', 'CUSTOMERID', filter()), await names('CUSTOMER', 'CUSTOMERID', filter(), { caseInsensitive: true })];
});
await step('manyIds', () => run(query('CUSTOMER', { selectFields: fields('NAME'), filter: where('CUSTOMERID').in(Array(1001).fill('x')) })));
await step('pages', async () => {
  const pages = [];
  for (let offset = 0; ; offset += 7) {
    const result = await first(query('CUSTOMER', { selectFields: fields('CUSTOMERID'), orderBy: ordered('CUSTOMERID'), pageSize: 7, offset }));
    pages.push({ ids: (result.data ?? []).map((row) => row.CUSTOMERID), total: result.totalCount, count: result.count, remaining: result.numRemaining, id: result.resultId ?? null });
    if (result.numRemaining === 0) return pages;
  }
});
await step('aggregates', async () => {
  const select = new QuerySelect.SelectBuilder().addField('STATUS').addCount('RECORDNO').addMinimum('TOTALDUE').addMaximum('TOTALDUE').addAverage('TOTALDUE').addSum('TOTALDUE').selects;
  return plain((await first(query('CUSTOMER', { selectFields: select }))).data);
});
await step('dotted', async () => {
  const select = fields('CUSTOMERID', 'DISPLAYCONTACT.EMAIL1', 'DISPLAYCONTACT.MAILADDRESS.CITY', 'CONTACTINFO.CONTACTNAME');
  return plain((await first(query('CUSTOMER', { selectFields: select, filter: where('CUSTOMERID').equalTo(firm.customerId) }))).data);
});
await step('unknownField', () => run(query('CUSTOMER', { selectFields: fields('NAME', 'NOSUCH', 'NORTHIS') })));
await step('unknownObject', () => run(query('NOSUCH', { selectFields: fields('RECORDNO') })));
await step('badPage', () => run(query('CUSTOMER', { selectFields: fields('NAME'), pageSize: 2001 })));

// The older reads.
await step('readByQuery', async () => {
  const condition = set(new legacy.Logical.AndCondition(), {
    conditions: [
      set(new legacy.Comparison.EqualTo.EqualToString(), { field: 'STATUS', value: 'T' }),
      set(new legacy.Comparison.Like.LikeString(), { field: 'CUSTOMERID', value: 'C%' }),
    ],
  });
  const result = await first(of(Common.ReadByQuery, { objectName: 'CUSTOMER', fields: ['RECORDNO', 'CUSTOMERID', 'STATUS'], query: condition, pageSize: 5 }));
  const all = [...result.data];
  let more = result;
  while (more.numRemaining > 0) {
    more = await first(of(Common.ReadMore, { resultId: more.resultId }));
    all.push(...more.data);
  }
  return { list: result.listType, total: result.totalCount, ids: all.map((row) => row.CUSTOMERID).sort(), stati: [...new Set(all.map((row) => row.STATUS))] };
});
await step('readByQueryOperators', async () => {
  const { Comparison, Logical, QueryString } = legacy;
  const all = new Date(2020, 0, 1);
  const conditions = {
    text: set(new Comparison.EqualTo.EqualToString(), { field: 'NAME', value: firm.customerName }),
    quoted: set(new Comparison.EqualTo.EqualToString(), { field: 'NAME', value: "O'Brien" }),
    nothing: set(new Comparison.EqualTo.EqualToNull(), { field: 'PARENTID' }),
    something: set(new Comparison.EqualTo.EqualToNull(), { field: 'NAME', negate: true }),
    after: set(new Comparison.GreaterThan.GreaterThanDateTime(), { field: 'WHENMODIFIED', value: all }),
    before: set(new Comparison.LessThan.LessThanDateTime(), { field: 'WHENMODIFIED', value: all }),
    keys: set(new Comparison.InArray.InArrayInteger(), { field: 'RECORDNO', valuesList: [1, 2, 3] }),
    number: set(new Comparison.GreaterThanOrEqualTo.GreaterThanOrEqualToInteger(), { field: 'RECORDNO', value: 1 }),
    either: set(new Logical.OrCondition(), { conditions: [new QueryString("CUSTOMERID = 'nobody'"), new QueryString("STATUS = 'T'")] }),
    neither: set(new Logical.OrCondition(), { negate: true, conditions: [new QueryString("STATUS = 'F'"), new QueryString("STATUS = 'T'")] }),
  };
  const counts = {};
  for (const [name, condition] of Object.entries(conditions)) {
    try {
      counts[name] = (await first(of(Common.ReadByQuery, { objectName: 'CUSTOMER', fields: ['RECORDNO'], query: condition }))).totalCount;
    } catch (error) {
      counts[name] = error.errors ?? error.message;
    }
  }
  return counts;
});
await step('readMoreUnknown', () => run(of(Common.ReadMore, { resultId: 'bogus' })));
await step('getList', async () => {
  const result = await first(of(Common.GetList.GetList, { object: 'customer' }));
  return { ...shown(result), data: result.data.length };
});

// Attachments.
const file = 'paper.txt'; // in the folder the walk runs in
writeFileSync(file, 'attached');
const folder = `Folder ${stamp}`;
await step('attachments', async () => {
  const made = await first(of(Company.AttachmentsFolderCreate, { folderName: folder, description: 'd' }));
  const attached = await first(of(Company.AttachmentsCreate, {
    attachmentsId: `A-${stamp}`, attachmentsName: 'Paper', attachmentFolderName: folder, description: 'd',
    files: [of(Company.AttachmentFile, { fileName: 'paper', extension: 'txt', filePath: file })],
  }));
  const used = await first(of(AccountsReceivable.CustomerUpdate, { customerId: firm.customerId, attachmentsId: `A-${stamp}` }));
  return [made.key, attached.key, used.status];
});
await step('attachmentsDelete', async () => {
  const freed = await first(of(AccountsReceivable.CustomerUpdate, { customerId: firm.customerId, attachmentsId: '' }));
  const gone = await first(of(Company.AttachmentsDelete, { attachmentsId: `A-${stamp}` }));
  const folderGone = await first(of(Company.AttachmentsFolderDelete, { folderName: folder }));
  return [freed.status, gone.status, folderGone.status];
});

// Several functions at once.
const contact = (name, control) => of(Company.ContactCreate, { contactName: name, printAs: name }, control);
await step('batch', async () => {
  const reply = await client.executeBatch([contact('Batch 1', 'b1'), contact('Batch 1', 'b2'), contact('Batch 2', 'b3')], requests());
  return reply.results.map((result) => [result.controlId, result.status, result.errors ?? null]);
});
await step('transaction', () => client.executeBatch([contact('Batch 3', 't1'), contact('Batch 1', 't2'), contact('Batch 4', 't3')], requests({ transaction: true })));
await step('rolledBack', () => names('CONTACT', 'CONTACTNAME', where('CONTACTNAME').like('Batch%')));
await step('transactionDone', async () => {
  const reply = await client.executeBatch([contact('Batch 5', 't4'), contact('Batch 6', 't5')], requests({ transaction: true }));
  return reply.results.map((result) => [result.controlId, result.status]);
});
await step('unique', async () => {
  const once = () => run(contact('Once', 'once-js'), requests({ uniqueId: true }));
  await once();
  return once();
});

// Gone again.
await step('deletes', async () => {
  const gone = {};
  for (const [name, call] of Object.entries({
    customer: of(AccountsReceivable.CustomerDelete, { customerId: firm.customerId }),
    contact: of(Company.ContactDelete, { contactName: 'Batch 1' }),
  })) {
    const result = await first(call);
    gone[name] = [result.functionName, result.status, result.key ?? null];
  }
  return gone;
});
await step('deleteMissing', () => run(of(AccountsReceivable.CustomerDelete, { customerId: 'nobody' })));
await step('deleteUsed', () => run(of(InventoryControl.ItemDelete, { itemId: thing.itemId })));

// Troubles of the service; the marks are in the sandbox's fault file.
const marked = (mark) => query('CUSTOMER', { selectFields: fields('NAME'), filter: where('NAME').equalTo(mark) });
for (const [name, mark] of Object.entries({ throttled: 'INTEROP-429', broken: 'INTEROP-500', offlineSite: 'INTEROP-503', late: 'INTEROP-524', unauthorized: 'INTEROP-401' })) {
  await step(name, () => run(marked(mark), requests({ noRetryServerErrorCodes: [524] })));
}
await step('retried', async () => (await first(marked('INTEROP-ONCE'), requests({ maxRetries: 1 }))).status);
await step('sessionEnded', () => run(marked('INTEROP-EXPIRE')));
await step('sessionRenewed', async () => {
  const own = await SessionProvider.factory(settings());
  return (await new OnlineClient(own).execute(query('CUSTOMER', { selectFields: fields('RECORDNO'), pageSize: 1 }))).getResult().status;
});

process.stdout.write(JSON.stringify(seen));
