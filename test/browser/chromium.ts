// One Chromium per test file. CHROMIUM=/path wins; otherwise the browser that npm brought. There is no
// way to skip: without a browser these tests fail.

import { existsSync } from 'node:fs'
import { after } from 'node:test'
import { chromium, type Browser } from 'playwright-core'

let launched: Promise<Browser> | undefined

// At the end of the file's tests, not of the one that happened to launch it.
after(async () => (await launched)?.close())

export function launchBrowser(): Promise<Browser> {
  return (launched ??= launch())
}

async function launch(): Promise<Browser> {
  const packed = async () => (await import('@sparticuz/chromium')).default.executablePath()
  const executablePath = process.env.CHROMIUM ?? (await packed())
  if (!existsSync(executablePath)) throw new Error(`no browser at ${executablePath}`)
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
    ],
  })
}
