// The licences file, inside the executable and beside it: our own licence and the notices of the facts
// we carry first, then each part's text as its package carries it. Node's text covers what Node brings
// along.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Part } from './inventory.ts'

const RULE = '-'.repeat(80)

export function writeLicences(root: string, product: string, parts: readonly Part[]): string {
  const own = readFileSync(path.join(root, 'LICENSE'), 'utf8')
  const notices = readFileSync(path.join(root, 'NOTICE'), 'utf8')
  const sections = parts.map((part) => `${heading(part)}\n\n${textOf(root, part)}`)
  const first = `${product} is licensed under the Apache License, version 2.0:`
  return [first, own.trim(), notices.trim(), ...sections].join(`\n\n${RULE}\n`).concat('\n')
}

function heading({ name, version, licence, within }: Part): string {
  return `${name} ${version} (${licence})${within === undefined ? '' : `, part of ${within}`}`
}

function textOf(root: string, { folder, within, licence }: Part): string {
  if (folder === undefined)
    return `Licensed under ${licence}; see the text of ${within ?? 'its origin'}.`
  const absolute = path.join(root, folder)
  const file = readdirSync(absolute)
    .filter((name) => /^(licen[cs]e|copying|notice)/i.test(name))
    .toSorted()[0]
  if (file !== undefined && existsSync(path.join(absolute, file))) {
    return readFileSync(path.join(absolute, file), 'utf8').trim()
  }
  return withoutText(absolute, licence)
}

// Some packages name their licence and carry no text; then the author and the name are all there is.
function withoutText(folder: string, licence: string): string {
  const about = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    readonly author?: string | { readonly name: string }
    readonly homepage?: string
    readonly name: string
  }
  const author = typeof about.author === 'object' ? about.author.name : about.author
  const by = author ?? `the authors of ${about.name}`
  return `Copyright ${by}. The package names the licence ${licence} and carries no text of it.`
}
