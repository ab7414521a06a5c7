// The bill of materials beside the executable: CycloneDX 1.6 JSON. It carries no time and no random
// serial number; the serial is derived from the content, so the same build gives the same file.
//
// Source: CycloneDX 1.6 JSON schema.

import { createHash } from 'node:crypto'
import type { Part } from './inventory.ts'

export interface Product {
  readonly name: string
  readonly version: string
  readonly licence: string
  /** Hex digest of the executable. */
  readonly sha256: string
}

export function writeSbom(product: Product, parts: readonly Part[]): string {
  const ref = `pkg:generic/${product.name}@${product.version}`
  const refs = referTo(parts)
  const body = {
    metadata: {
      component: {
        type: 'application',
        'bom-ref': ref,
        name: product.name,
        version: product.version,
        purl: ref,
        hashes: [{ alg: 'SHA-256', content: product.sha256 }],
        licenses: [{ expression: product.licence }],
      },
    },
    components: parts.map((part) => describe(part, refs.get(part))),
    dependencies: [
      {
        ref,
        dependsOn: parts.filter((part) => part.within === undefined).map((part) => refs.get(part)),
      },
      ...parts.map((part) => ({
        ref: refs.get(part),
        dependsOn: parts
          .filter(({ within }) => within === part.name)
          .map((inner) => refs.get(inner)),
      })),
    ],
  }
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(body))}`,
    version: 1,
    ...body,
  }
  return `${JSON.stringify(bom, null, 2)}\n`
}

function describe(part: Part, ref: string | undefined): object {
  return {
    type: part.name === 'node' ? 'platform' : 'library',
    'bom-ref': ref,
    name: part.name,
    version: part.version,
    purl: part.purl,
    ...(part.sha512 === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: part.sha512 }] }),
    licenses: [{ expression: part.licence }],
  }
}

/** The purl, made different where two parts bring the same thing (SQLite, zlib). */
function referTo(parts: readonly Part[]): ReadonlyMap<Part, string> {
  return new Map(
    parts.map((part) => [part, part.within ? `${part.purl}#${part.within}` : part.purl] as const),
  )
}

/** RFC 9562 version 8: a UUID whose bits are a digest. */
function uuidOf(content: string): string {
  const bytes = createHash('sha256').update(content).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}
