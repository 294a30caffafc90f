// Does a JavaScript client (node-soap) understand the service? See ../README.md for the steps and options.
'use strict';

const fs = require('fs');
const https = require('https');
const { parseArgs } = require('util');
const soap = require('soap');

const REQUIRED = ['wsdl', 'endpoint', 'cert', 'key', 'ca', 'number', 'country'];

class Unexpected extends Error {}

async function main() {
  const options = readOptions();
  try {
    await play(await connect(options), options);
  } catch (error) {
    tell({ result: 'failed', reason: error instanceof Unexpected ? error.message : String(error) });
    return 1;
  }
  tell({ result: 'passed' });
  return 0;
}

function readOptions() {
  const known = { dialect: { type: 'string' }, token: { type: 'string' }, confirm: { type: 'string', multiple: true, default: [] } };
  for (const name of REQUIRED) known[name] = { type: 'string' };
  try {
    const { values } = parseArgs({ options: known });
    const missing = REQUIRED.filter((name) => !values[name]);
    if (missing.length) throw new Error(`missing: --${missing.join(' --')}`);
    return values;
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

async function connect(options) {
  const [key, cert, ca] = [options.key, options.cert, options.ca].map((file) => fs.readFileSync(file));
  const httpsAgent = new https.Agent({ key, cert, ca });
  const client = await soap.createClientAsync(
    options.wsdl,
    { endpoint: options.endpoint, disableCache: true, wsdl_options: { httpsAgent, proxy: false } });
  client.setSecurity(new soap.ClientSSLSecurity(key, cert, ca, { proxy: false, timeout: 20000 }));
  return client;
}

async function play(client, options) {
  // node-soap writes what it is given in the order given, and the schema has an order.
  const token = options.token ? { TokenId: options.token } : {};
  const key = { CertificateNumber: options.number, ...token, IsoCountryCode: options.country };

  const [{ State, Value: state = State }] = await client.ServiceStateAsync({ IsoCountryCode: options.country });
  tell({ call: 'ServiceState', state });
  expect(state, 'ServiceState names no state');

  const issued = permit(await client.GetNonFinalCitesCertificateAsync(key), 'GetNonFinalCitesCertificate', options.number);
  expect(issued.length, 'the permit has no positions');

  const unknown = { ...key, CertificateNumber: `${options.number}-NONE` };
  await expectFault('PermitNotFound', 'GetNonFinalCitesCertificate', client.GetNonFinalCitesCertificateAsync(unknown));
  await expectFault('NotFinal', 'GetFinalCitesCertificate', client.GetFinalCitesCertificateAsync(key));

  const quantities = Object.fromEntries(issued.map((position) => [position.id, position.permitted]));
  for (const text of options.confirm) quantities[text.split('=')[0]] = text.slice(text.indexOf('=') + 1);
  const positions = Object.entries(quantities).map(([ID, InspectedUnitQuantity]) => ({ ID, InspectedUnitQuantity }));
  const [{ Confirmed, Value: confirmed = Confirmed }] =
    await client.ConfirmQuantitiesAsync({ ...key, ConfirmedQuantities: { CitesPosition: positions } });
  tell({ call: 'ConfirmQuantities', confirmed });
  expect(confirmed === true || confirmed === 'true', 'the quantities were not confirmed');

  const final = permit(await client.GetFinalCitesCertificateAsync(key), 'GetFinalCitesCertificate', options.number);
  for (const { id, confirmed: found } of final) {
    expect(found !== null && Number(found) === Number(quantities[id]), `position ${id}: ${found} is not ${quantities[id]}`);
  }
}

/** Prints what the answer holds and gives its positions. */
function permit([answer], call, number) {
  const { HeaderExchangedDocument: header, SpecifiedSupplyChainConsignment: consignment } = answer.CBFShip || answer.CITESEPermit;
  const positions = list(consignment.IncludedSupplyChainConsignmentItem).map(position);
  const attachments = list(answer.Attachments)
    .map((one) => ({ name: one.AttachmentName, bytes: Buffer.from(one.AttachmentContent, 'base64').length }));
  const found = text(header.ID);
  tell({ call, number: found, positions, attachments, composite: answer.Composite });
  expect(found === number, `${call}: asked for permit ${number}, got ${found}`);
  return positions;
}

function position(item) {
  const product = list(item.IncludedSupplyChainTradeLineItem)[0].SpecifiedTradeProduct;
  const quantity = list(item.TransportLogisticsPackage)[0].ItemQuantity;
  const { InspectedUnitQuantity, UnitQuantity: inspected = InspectedUnitQuantity } =
    list(item.ExaminationTransportEvent).pop() || {};
  return {
    id: text(list(item.ID)[0]),
    scientific_name: text(list(product.ScientificName)[0]),
    permitted: text(quantity),
    unit: (quantity.attributes || {}).unitCode || null,
    confirmed: inspected !== undefined ? text(inspected) : null,
  };
}

/** The text of a simple element: node-soap wraps it where there are attributes. */
function text(value) {
  return String(value !== null && typeof value === 'object' ? value.$value : value);
}

function list(value) {
  return value === undefined || value === null ? [] : [].concat(value);
}

async function expectFault(code, call, attempt) {
  let error;
  try {
    await attempt;
  } catch (caught) {
    error = caught;
  }
  expect(error, `${call}: expected the fault ${code}, got an answer`);
  const fault = error.root && error.root.Envelope.Body.Fault;
  if (!fault) throw error;
  const detail = fault.detail && fault.detail.CitesDataExchangeFault;
  expect(detail, `${call}: fault without detail: ${fault.faultstring}`);
  tell({ call, faultcode: fault.faultcode, fault: detail.Code, request_id: detail.RequestId });
  expect(detail.Code === code, `${call}: expected the fault ${code}, got ${detail.Code}`);
}

function expect(condition, reason) {
  if (!condition) throw new Unexpected(reason);
}

function tell(what) {
  console.log(JSON.stringify({ client: 'node-soap', ...what }));
}

main().then((status) => { process.exitCode = status; });
