// Verifies a signed JSON document with libraries of other makers; nothing is loaded from outside.
// Usage: node verify.mjs PACKAGES DOCUMENT [URL=CONTEXT.json …]
// Prints {"verified": true} or {"verified": false, "errors": […]}; PACKAGES is the folder that npm ci was run in.
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';

const [packages, file, ...kept] = process.argv.slice(2);
const require = createRequire(`${packages}/package.json`);
const load = async name => import(pathToFileURL(require.resolve(name)));

const {DataIntegrityProof} = await load('@digitalbazaar/data-integrity');
const {cryptosuite: rdfc} = await load('@digitalbazaar/eddsa-rdfc-2022-cryptosuite');
const {createVerifyCryptosuite} = await load('@digitalbazaar/eddsa-jcs-2022-cryptosuite');
const vc = await load('@digitalbazaar/vc');
const {default: jsigs} = await load('jsonld-signatures');

const contexts = new Map(kept.map(pair => {
  const at = pair.lastIndexOf('=');
  return [pair.slice(0, at), JSON.parse(readFileSync(pair.slice(at + 1), 'utf8'))];
}));

// A did:key holds its key: its documents are written out of its name alone.
function didDocument(url) {
  const [did] = url.split('#');
  const publicKeyMultibase = did.slice('did:key:'.length);
  const id = `${did}#${publicKeyMultibase}`;
  const key = {id, type: 'Multikey', controller: did, publicKeyMultibase};
  if(url === id) {
    return {'@context': 'https://w3id.org/security/multikey/v1', ...key};
  }
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did, verificationMethod: [key], assertionMethod: [id]
  };
}

const documentLoader = jsigs.extendContextLoader(async url => {
  if(contexts.has(url)) {
    return {contextUrl: null, documentUrl: url, document: contexts.get(url)};
  }
  if(url.startsWith('did:key:z6Mk')) {
    return {contextUrl: null, documentUrl: url, document: didDocument(url)};
  }
  throw new Error(`not kept: ${url}`);
});

const messages = error => [error?.message, ...(error?.errors ?? []).flatMap(messages)].filter(Boolean);
const signed = JSON.parse(readFileSync(file, 'utf8'));
let result;
try {
  if(signed.proof?.cryptosuite === 'eddsa-jcs-2022') {
    const suite = new DataIntegrityProof({cryptosuite: createVerifyCryptosuite()});
    const purpose = new jsigs.purposes.AssertionProofPurpose();
    result = await jsigs.verify(signed, {suite, purpose, documentLoader});
  } else {
    const suite = new DataIntegrityProof({cryptosuite: rdfc});
    result = await vc.verifyCredential({credential: signed, suite, documentLoader});
  }
} catch(error) {
  result = {verified: false, error};
}
console.log(JSON.stringify({verified: result.verified, errors: messages(result.error)}));
