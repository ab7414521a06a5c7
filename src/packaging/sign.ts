// `npm run sign -- keygen FOLDER | sign KEY FILE… | verify PUBLIC_KEY FILE…`: detached Ed25519
// signatures over the SHA-512 of a file, written beside it as FILE.sig (base64, one line).
// The private key never enters the repository; SECURITY.md names the public one of a release.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto'
import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

const USAGE = 'usage: npm run sign -- keygen FOLDER | sign KEY FILE… | verify PUBLIC_KEY FILE…'

const [verb, first, ...files] = process.argv.slice(2)
process.exitCode = await run(verb, first, files)

async function run(what = '', key = '', targets: readonly string[] = []): Promise<number> {
  if (what === 'keygen' && key !== '') return makeKeys(key)
  if (what === 'sign' && targets.length > 0) return signFiles(key, targets)
  if (what === 'verify' && targets.length > 0) return verifyFiles(key, targets)
  console.error(USAGE)
  return 2
}

function makeKeys(folder: string): number {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const write = (name: string, text: string | Buffer, mode: number) =>
    // wx: an existing key is never overwritten.
    writeFileSync(path.join(folder, name), text, { mode, flag: 'wx' })
  write('release.key', privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600)
  write('release.pub', publicKey.export({ type: 'spki', format: 'pem' }), 0o644)
  console.log(`wrote release.key and release.pub to ${folder}`)
  return 0
}

async function signFiles(keyFile: string, targets: readonly string[]): Promise<number> {
  const key = createPrivateKey(readFileSync(keyFile))
  for (const file of targets) {
    writeFileSync(`${file}.sig`, `${sign(null, await digestOf(file), key).toString('base64')}\n`)
    console.log(`signed ${file}`)
  }
  return 0
}

async function verifyFiles(keyFile: string, targets: readonly string[]): Promise<number> {
  const key = createPublicKey(readFileSync(keyFile))
  let exitCode = 0
  for (const file of targets) {
    const signature = Buffer.from(readFileSync(`${file}.sig`, 'utf8'), 'base64')
    const isGenuine = verify(null, await digestOf(file), key, signature)
    console.log(`${isGenuine ? 'good' : 'BAD '} ${file}`)
    if (!isGenuine) exitCode = 1
  }
  return exitCode
}

async function digestOf(file: string): Promise<Buffer> {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  return hash.digest()
}
