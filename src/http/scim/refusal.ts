// A refusal in the shape that directories read (RFC 7644 section 3.12).

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error'

export const SCIM_TYPE = 'application/scim+json'

export function scimError(status: number, detail: string, scimType: string | undefined): object {
  return { schemas: [ERROR], status: String(status), ...(scimType && { scimType }), detail }
}
