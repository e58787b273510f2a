// Time stamps (RFC 3161) of checkpoints: an authority says that this text existed at this time. Runs in a tab too.
//
// Checked: the token is about SHA-256 of exactly this text; its CMS signature (RFC 5652) is by one of the given
// certificates, which was made for time stamping and valid at that time. Not checked: who issued the certificate,
// whether it was revoked, the ESS signing-certificate attribute, policy and accuracy. The certificate itself is pinned.
import { fromBER, Integer, Null, ObjectIdentifier, OctetString } from 'asn1js'
import { AlgorithmIdentifier, Certificate, ContentInfo, ExtKeyUsage, id_eContentType_TSTInfo, id_sha256, MessageImprint, SignedData, TimeStampReq, TimeStampResp, TSTInfo } from 'pkijs'
import { type Bytes, isEqual, utf8 } from './bytes.ts'
import { sha256 } from './hash.ts'
import { Refusal, refuse } from './refusal.ts'

const CONTENT_TYPE_ATTRIBUTE = '1.2.840.113549.1.9.3'
const EXT_KEY_USAGE = '2.5.29.37'
const FOR_TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
const DIGESTS = ['2.16.840.1.101.3.4.2.1', '2.16.840.1.101.3.4.2.2', '2.16.840.1.101.3.4.2.3']
const GRANTED = [0, 1]

function refuseStamp(detail: string): never {
  return refuse('/stamp', 'stamp_invalid', detail)
}

/** Whatever the parsers throw on malformed input is a refusal. */
function parse<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Refusal) throw error
    return refuseStamp(`Not ${what}.`)
  }
}

function decode(bytes: Bytes) {
  const { offset, result } = fromBER(bytes.buffer)
  return offset === bytes.length ? result : refuseStamp('There are bytes after the end.')
}

/** The request for a stamp of this text: DER of a TimeStampReq. `nonce` is up to 8 random bytes, the first below 0x80. */
export function createStampRequest(text: string, nonce: Bytes): Bytes {
  const request = new TimeStampReq({
    version: 1, certReq: true, nonce: new Integer({ valueHex: nonce.slice().buffer }),
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: id_sha256, algorithmParams: new Null() }),
      hashedMessage: new OctetString({ valueHex: sha256(utf8(text)).buffer }),
    }),
  })
  return new Uint8Array(request.toSchema().toBER())
}

interface Token {
  signed: SignedData
  info: TSTInfo
}

function readToken(token: Bytes, text: string): Token {
  return parse('a time-stamp token', () => {
    const { contentType, content } = new ContentInfo({ schema: decode(token) })
    if (contentType !== ContentInfo.SIGNED_DATA) refuseStamp('The token is not signed data.')
    const signed = new SignedData({ schema: content })
    const { eContentType, eContent } = signed.encapContentInfo
    if (eContentType !== id_eContentType_TSTInfo || !eContent) return refuseStamp('The token does not hold a time stamp.')
    const info = TSTInfo.fromBER(eContent.getValue())
    const { hashAlgorithm, hashedMessage } = info.messageImprint
    const imprint = new Uint8Array(hashedMessage.getValue())
    if (hashAlgorithm.algorithmId !== id_sha256 || !isEqual(imprint, sha256(utf8(text)))) refuseStamp('The stamp is about another text.')
    return { signed, info }
  })
}

/** The token in an authority's answer to the request for this text. Its signature is not checked here. */
export function readStampResponse(response: Bytes, text: string, nonce: Bytes): { token: Bytes; timeMs: number } {
  const { status, timeStampToken } = parse('a time-stamp response', () => new TimeStampResp({ schema: decode(response) }))
  if (!GRANTED.includes(status.status) || !timeStampToken) return refuseStamp(`The authority gave no stamp (status ${status.status}).`)
  const token = new Uint8Array(timeStampToken.toSchema().toBER())
  const { info } = readToken(token, text)
  if (!info.nonce?.isEqual(new Integer({ valueHex: nonce.slice().buffer }))) refuseStamp('The answer belongs to another request.')
  return { token, timeMs: info.genTime.getTime() }
}

function isForTimeStamping({ extensions = [] }: Certificate): boolean {
  const usage = extensions.find(({ extnID }) => extnID === EXT_KEY_USAGE)?.parsedValue as ExtKeyUsage | undefined
  return usage?.keyPurposes?.includes(FOR_TIME_STAMPING) === true
}

/**
 * Checks a stamp of this text against certificates of authorities (DER), of which one must have signed it. Resolves to
 * the time that the authority gives; throws a Refusal with the code `stamp_invalid`.
 */
export async function verifyStamp(token: Bytes, text: string, certificates: readonly Bytes[]): Promise<{ timeMs: number }> {
  const { signed, info } = readToken(token, text)
  const [signer, ...more] = signed.signerInfos
  const attributes = signer?.signedAttrs?.attributes ?? []
  const contentType: unknown = attributes.find(({ type }) => type === CONTENT_TYPE_ATTRIBUTE)?.values[0]
  const isAboutStamp = contentType instanceof ObjectIdentifier && contentType.valueBlock.toString() === id_eContentType_TSTInfo
  if (!signer || more.length > 0 || !isAboutStamp) return refuseStamp('The token is not signed as RFC 3161 says.')
  if (!DIGESTS.includes(signer.digestAlgorithm.algorithmId)) refuseStamp('The token is signed over an outdated hash.')
  const known = certificates.map((der) => parse('a certificate', () => new Certificate({ schema: decode(der) })))
  // Only what was given may be found as the signer's certificate; what the token brings along is not believed.
  signed.certificates = known
  const result = await signed.verify({ signer: 0, data: utf8(text).buffer, extendedMode: true }).catch(() => undefined)
  const certificate = result?.signerCertificate
  if (result?.signatureVerified !== true || !certificate) return refuseStamp('The stamp is not signed by a given authority.')
  const time = info.genTime
  if (!isForTimeStamping(certificate)) refuseStamp('The authority’s certificate is not made for time stamping.')
  if (time < certificate.notBefore.value || time > certificate.notAfter.value) refuseStamp('The authority’s certificate was not valid at the time of the stamp.')
  return { timeMs: time.getTime() }
}
