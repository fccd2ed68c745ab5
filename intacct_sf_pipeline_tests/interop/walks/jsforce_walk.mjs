// Uses jsforce as its documentation shows and prints what it saw, step by step, as one JSON document.
// The sandbox's ready document comes on standard input. A step that throws is shown as its error.
import jsforce from 'jsforce';

const { salesforce: org } = JSON.parse(await readAll(process.stdin));
const version = '59.0';
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
    seen[name] = { thrown: error.errorCode ?? error.name, message: String(error.message), data: error.data ?? null };
  }
}

const clientCredentials = { grant_type: 'client_credentials' };
const app = { loginUrl: org.login_url, clientId: org.client_id, clientSecret: org.client_secret };

// Logins.
const conn = new jsforce.Connection({ version, oauth2: app, callOptions: { client: 'interop' } });
await step('authorize', () => conn.authorize(clientCredentials));
await step('identity', () => conn.identity());
await step('soapLogin', async () => {
  const own = new jsforce.Connection({ version, loginUrl: org.login_url });
  const user = await own.login(org.username, org.password + org.security_token);
  const rows = await own.query('SELECT Id FROM User LIMIT 1');
  await own.logout();
  return { user, rows: rows.totalSize, after: own.accessToken };
});
await step('soapLoginRefused', async () => {
  await new jsforce.Connection({ version, loginUrl: org.login_url }).login(org.username, 'wrong');
});
await step('passwordLogin', async () => {
  const own = new jsforce.Connection({ version, oauth2: app });
  return own.login(org.username, org.password + org.security_token);
});
await step('accessToken', async () => {
  const own = new jsforce.Connection({ version, instanceUrl: org.instance_url, accessToken: org.access_token });
  return (await own.identity()).username;
});
await step('badToken', async () => {
  const own = new jsforce.Connection({ version, instanceUrl: org.instance_url, accessToken: 'nonsense' });
  await own.query('SELECT Id FROM Account LIMIT 1');
});
await step('badSecret', async () => {
  const own = new jsforce.Connection({ version, oauth2: { ...app, clientSecret: 'wrong' } });
  await own.authorize(clientCredentials);
});
await step('refresh', async () => {
  const own = new jsforce.Connection({
    version, oauth2: app, instanceUrl: org.instance_url, accessToken: 'expired', refreshToken: org.refresh_token,
  });
  const rows = await own.query('SELECT Id FROM Account LIMIT 1');
  return { rows: rows.records.length, renewed: own.accessToken !== 'expired' };
});
await step('logout', async () => {
  const own = new jsforce.Connection({ version, oauth2: app });
  await own.authorize(clientCredentials);
  const token = own.accessToken;
  await own.logout();
  const after = new jsforce.Connection({ version, instanceUrl: org.instance_url, accessToken: token });
  return after.query('SELECT Id FROM Account LIMIT 1');
});

// What there is.
await step('describeGlobal', async () => (await conn.describeGlobal()).sobjects.map((one) => one.name));
await step('describe', async () => {
  const account = await conn.sobject('Account').describe();
  const key = account.fields.find((field) => field.name === 'IntacctID__c');
  return { prefix: account.keyPrefix, key: [key.externalId, key.unique, key.length], children: account.childRelationships.length };
});
await step('describeCached', async () => (await conn.describe$('Contact')).name);
await step('limits', async () => (await conn.limits()).DailyApiRequests);
await step('limitInfo', () => conn.limitInfo);
await step('layouts', async () => (await conn.sobject('Account').layouts()).layouts.length);
await step('compactLayouts', async () => (await conn.sobject('Account').compactLayouts()).compactLayouts.length);
await step('approvalLayouts', () => conn.sobject('Account').approvalLayouts());
await step('listviews', () => conn.sobject('Account').listviews());
await step('tabs', () => conn.tabs());
await step('theme', () => conn.theme());
await step('quickActions', () => conn.quickActions());
await step('versions', async () => (await conn.request('/services/data')).at(-1).version);
await step('resources', async () => Object.keys(await conn.request(`/services/data/v${version}`)).sort());
await step('describeUnknown', () => conn.describe('Nothing'));

// Rows.
let accountId;
await step('create', async () => {
  const made = await conn.sobject('Account').create({ Name: 'Jsforce Trading', IntacctID__c: 'JS-1', Phone: '+1 415 555 0101' });
  accountId = made.id;
  return made;
});
await step('retrieve', async () => {
  const row = await conn.sobject('Account').retrieve(accountId);
  return { name: row.Name, type: row.attributes.type, url: row.attributes.url === `/services/data/v${version}/sobjects/Account/${accountId}` };
});
await step('retrieveFields', () => conn.sobject('Account').retrieve(accountId, { fields: ['Name', 'Phone'] }));
await step('update', () => conn.sobject('Account').update({ Id: accountId, Phone: null, Website: 'https://jsforce.example' }));
await step('upsertSame', () => conn.sobject('Account').upsert({ IntacctID__c: 'JS-1', Name: 'Jsforce Trading Ltd' }, 'IntacctID__c'));
await step('upsertNew', () => conn.sobject('Account').upsert({ IntacctID__c: 'JS-2', Name: 'Second' }, 'IntacctID__c'));
await step('createMany', () => conn.sobject('Account').create([{ Name: 'Many One', IntacctID__c: 'JS-3' }, { Name: '' }]));
await step('createManyTogether', () => conn.sobject('Account').create([{ Name: 'Never' }, { Phone: '1' }], { allOrNone: true }));
await step('upsertMany', () => conn.sobject('Account').upsert([{ IntacctID__c: 'JS-3', Name: 'Many One again' }, { IntacctID__c: 'JS-4', Name: 'Fourth' }], 'IntacctID__c'));
await step('retrieveMany', async () => {
  const rows = await conn.sobject('Account').find({ IntacctID__c: { $in: ['JS-3', 'JS-4'] } }, 'Id').sort('IntacctID__c');
  const found = await conn.sobject('Account').retrieve([...rows.map((row) => row.Id), '001Ws0000000ZZZ']);
  return found.map((row) => row && row.IntacctID__c);
});
await step('updateMany', async () => {
  const rows = await conn.sobject('Account').find({ IntacctID__c: { $in: ['JS-3', 'JS-4'] } }, 'Id');
  return conn.sobject('Account').update(rows.map((row) => ({ Id: row.Id, Site: 'North' })));
});
await step('createLongName', () => conn.sobject('Account').create({ Name: 'x'.repeat(300) }));
await step('createDuplicate', () => conn.sobject('Account').create({ Name: 'Again', IntacctID__c: 'JS-1' }));
await step('createUnknownField', () => conn.sobject('Account').create({ Name: 'A', Nonsense__c: 1 }));
await step('createEmpty', () => conn.sobject('Contact').create({ FirstName: 'Ada' }));
await step('retrieveMissing', () => conn.sobject('Account').retrieve('001Ws0000000ZZZ'));
await step('related', async () => {
  await conn.sobject('Contact').create({ LastName: 'Lovelace', FirstName: 'Ada', Email: 'ada@jsforce.example', Account: { IntacctID__c: 'JS-1' } });
  const rows = await conn.sobject('Account').find({ IntacctID__c: 'JS-1' }, 'Id, Name').include('Contacts').select('Id, LastName').end();
  return rows.map((row) => ({ name: row.Name, contacts: row.Contacts.records.map((one) => one.LastName) }));
});
// The search must come before the account, and with it the contact, is deleted.
await step('search', async () => (await conn.search('FIND {Lovel*} IN NAME FIELDS RETURNING Contact(Id, LastName), Account(Name)')).searchRecords.map((row) => row.LastName ?? row.Name));
const window = [new Date(Date.now() - 3600e3), new Date(Date.now() + 60e3)];
await step('destroy', () => conn.sobject('Account').destroy(accountId));
await step('destroyAgain', () => conn.sobject('Account').destroy(accountId));
await step('destroyMany', async () => {
  const rows = await conn.sobject('Account').find({ IntacctID__c: { $in: ['JS-2', 'JS-3'] } }, 'Id');
  return conn.sobject('Account').destroy(rows.map((row) => row.Id));
});
await step('updated', async () => {
  const answer = await conn.sobject('Account').updated(...window);
  return { ids: answer.ids.length > 0, covered: typeof answer.latestDateCovered };
});
await step('deleted', async () => {
  const answer = await conn.sobject('Account').deleted(...window);
  return { mine: answer.deletedRecords.some((one) => one.id === accountId), earliest: typeof answer.earliestDateAvailable };
});

// Queries.
await step('query', async () => {
  const answer = await conn.query('SELECT Id, Name, Owner.Name, BillingAddress FROM Account ORDER BY Name LIMIT 3');
  return { total: answer.totalSize, done: answer.done, owner: typeof answer.records[0].Owner.Name };
});
await step('queryMore', async () => {
  await conn.sobject('Product2').create([...Array(200).keys()].map((n) => ({ Name: `Paged ${n}`, IntacctID__c: `JSP-${n}` })));
  const first = await conn.request({ method: 'GET', url: `/query?q=${encodeURIComponent('SELECT Id FROM Product2')}`, headers: { 'Sforce-Query-Options': 'batchSize=200' } });
  const rest = await conn.queryMore(first.nextRecordsUrl);
  return { total: first.totalSize, first: first.records.length, rest: rest.records.length, done: rest.done };
});
await step('autoFetch', async () => {
  const ids = [];
  const stream = conn.query('SELECT Id FROM Product2', { headers: { 'Sforce-Query-Options': 'batchSize=200' } }).on('record', (row) => ids.push(row.Id));
  await stream.run({ autoFetch: true, maxFetch: 5000 });
  return { fetched: ids.length, distinct: new Set(ids).size };
});
await step('scanAll', async () => (await conn.query(`SELECT Id FROM Account WHERE Id = '${accountId}'`, { scanAll: true })).records.length);
await step('count', () => conn.sobject('Product2').count({ Name: { $like: 'Paged %' } }));
await step('findConditions', async () => {
  const rows = await conn.sobject('Product2').find(
    { CreatedDate: { $gte: jsforce.SfDate.YESTERDAY }, $or: [{ Name: 'Paged 7' }, { Name: 'Paged 9' }] }, { Name: 1 },
  ).sort({ Name: -1 }).limit(5).skip(0);
  return rows.map((row) => row.Name);
});
await step('findStar', async () => Object.keys((await conn.sobject('Product2').find({ IntacctID__c: 'JSP-1' }, '*'))[0]).length > 10);
await step('aggregate', async () => (await conn.query("SELECT COUNT(Id) n, MAX(Name) FROM Product2 WHERE Name LIKE 'Paged 1%'")).records[0]);
await step('queryDestroy', async () => (await conn.sobject('Product2').find({ Name: { $like: 'Paged 19%' } }).destroy()).every((one) => one.success));
await step('queryUpdate', async () => (await conn.sobject('Product2').find({ Name: { $like: 'Paged 18%' } }).update({ Family: 'Bolts' })).length);
await step('malformed', () => conn.query('SELECT FROM Account'));
await step('badField', () => conn.query('SELECT Nonsense__c FROM Account'));
await step('badType', () => conn.query('SELECT Id FROM Nonsense__c'));
await step('explain', async () => (await conn.query("SELECT Id FROM Account WHERE IntacctID__c = 'JS-4'").explain()).plans.map((plan) => plan.leadingOperationType));
await step('recent', async () => {
  await conn.query("SELECT Id, Name FROM Account WHERE IntacctID__c = 'JS-4' FOR VIEW");
  return (await conn.recent('Account', 1)).map((row) => row.Name);
});
await step('recentAll', async () => (await conn.recent(2)).map((row) => row.attributes.type));

// Several requests in one.
await step('composite', () => conn.requestPost('/composite', {
  allOrNone: true,
  compositeRequest: [
    { method: 'POST', url: `/services/data/v${version}/sobjects/Account`, referenceId: 'parent', body: { Name: 'Composite' } },
    { method: 'POST', url: `/services/data/v${version}/sobjects/Contact`, referenceId: 'child', body: { LastName: 'One', AccountId: '@{parent.id}' } },
    { method: 'GET', url: `/services/data/v${version}/query?q=SELECT+Id+FROM+Contact+WHERE+AccountId='@{parent.id}'`, referenceId: 'rows' },
  ],
}).then((answer) => answer.compositeResponse.map((one) => [one.referenceId, one.httpStatusCode])));
await step('tree', () => conn.requestPost('/composite/tree/Account', {
  records: [{
    attributes: { type: 'Account', referenceId: 'a' }, Name: 'Tree',
    Contacts: { records: [{ attributes: { type: 'Contact', referenceId: 'c' }, LastName: 'Leaf' }] },
  }],
}).then((answer) => [answer.hasErrors, answer.results.map((one) => one.referenceId)]));
await step('graph', () => conn.requestPost('/composite/graph', {
  graphs: [
    { graphId: 'good', compositeRequest: [{ method: 'POST', url: `/services/data/v${version}/sobjects/Account`, referenceId: 'r', body: { Name: 'Graph' } }] },
    { graphId: 'bad', compositeRequest: [{ method: 'POST', url: `/services/data/v${version}/sobjects/Account`, referenceId: 'r', body: {} }] },
  ],
}).then((answer) => answer.graphs.map((one) => [one.graphId, one.isSuccessful])));
await step('batch', () => conn.requestPost('/composite/batch', {
  batchRequests: [{ method: 'GET', url: `v${version}/limits` }, { method: 'GET', url: `v${version}/sobjects/Nothing` }],
}).then((answer) => [answer.hasErrors, answer.results.map((one) => one.statusCode)]));
await step('wrongVerb', () => conn.requestPut(`/sobjects/Account/${accountId}`, {}));
await step('wrongPath', () => conn.request('/nowhere'));
await step('tooling', () => conn.tooling.query("SELECT QualifiedApiName FROM EntityDefinition WHERE QualifiedApiName = 'Account'").then((answer) => answer.records.map((row) => row.QualifiedApiName)));
await step('apexRest', () => conn.apex.get('/nothing/here'));

// SOAP.
await step('soapUserInfo', async () => (await conn.soap.getUserInfo()).userName);
await step('soapTimestamp', async () => typeof (await conn.soap.getServerTimestamp()).timestamp);

// Bulk API 1.0.
conn.bulk.pollInterval = 50;
await step('bulkInsert', () => conn.bulk.load('Account', 'insert', [{ Name: 'Bulk One', IntacctID__c: 'JSB-1' }, { Name: 'Bulk Two, "quoted"\nsecond line', IntacctID__c: 'JSB-2' }, { Name: 'x'.repeat(300) }])
  .then((rows) => rows.map((row) => [row.success, row.created, row.id !== null, row.errors])));
await step('bulkUpsert', () => conn.sobject('Account').upsertBulk([{ IntacctID__c: 'JSB-1', Name: 'Bulk One', Site: 'South' }, { IntacctID__c: 'JSB-3', Name: 'Bulk Three', Site: null }], 'IntacctID__c')
  .then((rows) => rows.map((row) => [row.success, row.created])));
await step('bulkQuery', async () => {
  const stream = await conn.bulk.query("SELECT Id, Name, IsDeleted, CreatedDate, Owner.Name FROM Account WHERE IntacctID__c LIKE 'JSB-%' ORDER BY IntacctID__c");
  return (await stream.toArray()).map((row) => [row.Name, row.IsDeleted, /Z$/.test(row.CreatedDate), row['Owner.Name'] !== '']);
});
await step('bulkUpdate', async () => {
  const rows = await conn.sobject('Account').find({ IntacctID__c: { $like: 'JSB-%' } }, 'Id');
  const done = await conn.bulk.load('Account', 'update', rows.map((row) => ({ Id: row.Id, Site: null, NumberOfEmployees: 7 })));
  return [done.length, done.every((row) => row.success)];
});
await step('bulkCleared', async () => (await conn.sobject('Account').find({ IntacctID__c: 'JSB-1' }, 'Site, NumberOfEmployees'))[0]);
await step('bulkJob', async () => {
  const job = conn.bulk.createJob('Account', 'insert');
  const info = await job.open();
  const batch = job.createBatch();
  const queued = await new Promise((resolve, reject) => { batch.on('queue', resolve).on('error', reject); batch.execute([{ Name: 'Bulk Four' }]); });
  const checked = await batch.check();
  const listed = await job.list();
  const closed = await job.close();
  return [info.state, queued.state, checked.state, listed.length, closed.state, closed.numberBatchesCompleted];
});
await step('bulkDelete', async () => {
  const rows = await conn.sobject('Account').find({ IntacctID__c: { $like: 'JSB-%' } }, 'Id');
  const done = await conn.bulk.load('Account', 'delete', rows.map((row) => ({ Id: row.Id })));
  return done.every((row) => row.success);
});
await step('bulkBadField', () => conn.bulk.load('Account', 'insert', [{ Name: 'A', Nonsense__c: '1' }]));
await step('bulkBadQuery', () => conn.bulk.query('SELECT Nonsense__c FROM Account'));
await step('bulkBadObject', () => conn.bulk.load('Nonsense__c', 'insert', [{ Name: 'A' }]));
await step('bulkBadSession', async () => {
  const own = new jsforce.Connection({ version, instanceUrl: org.instance_url, accessToken: 'nonsense' });
  await own.bulk.createJob('Account', 'insert').open();
});

// Bulk API 2.0.
conn.bulk2.pollInterval = 50;
conn.bulk2.pollTimeout = 30000;
await step('bulk2Ingest', async () => {
  const done = await conn.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'upsert', externalIdFieldName: 'IntacctID__c', input: [{ IntacctID__c: 'JS2-1', Name: 'Bulk2 One' }, { IntacctID__c: 'JS2-2', Name: 'x'.repeat(300) }] });
  return [done.successfulResults.length, done.failedResults.length, done.unprocessedRecords.length, done.failedResults[0]?.sf__Error];
});
await step('bulk2Query', async () => {
  const stream = await conn.bulk2.query("SELECT Id, Name FROM Account WHERE IntacctID__c = 'JS2-1'");
  return (await stream.toArray()).map((row) => row.Name);
});
await step('bulk2Delete', async () => {
  const rows = await conn.sobject('Account').find({ IntacctID__c: 'JS2-1' }, 'Id');
  const done = await conn.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'delete', input: rows.map((row) => ({ Id: row.Id })) });
  return done.successfulResults.length;
});

console.log(JSON.stringify(seen));
process.exit(0);
