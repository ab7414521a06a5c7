// The schemas of the OpenAPI document as something that values are held against.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { OpenApiDocument } from '#http/api/document.ts'

/** A body or an answer in the document. */
export interface Documented {
  readonly headers?: object
  readonly content?: Readonly<
    Record<string, { readonly schema: { readonly $ref?: string }; readonly example?: unknown }>
  >
}

/** Schemas may refer to components of the document. */
export function compilerOf(document: OpenApiDocument): (schema: object) => ValidateFunction {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, validateFormats: false })
  const inDefs = (schema: object) =>
    JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', 'api#/$defs/')) as object
  ajv.addSchema({ $id: 'api', $defs: inDefs(document.components.schemas) })
  const known = new Map<string, ValidateFunction>()
  return (schema) => {
    const key = JSON.stringify(schema)
    const compiled = known.get(key) ?? ajv.compile(inDefs(schema))
    known.set(key, compiled)
    return compiled
  }
}
