// Owns how payloads are packed on Temporal, the same for worker and laptop. Takes gzip from outside, so it knows neither Node nor Temporal.

/** A Temporal payload: bytes and what they are. */
export interface PackedPayload {
  metadata?: { [key: string]: Uint8Array } | null;
  data?: Uint8Array | null;
}

/** `gunzip` has to refuse what unpacks to more than it can bear (throw). */
export interface Gzip {
  gzip(bytes: Uint8Array): Promise<Uint8Array>;
  gunzip(bytes: Uint8Array): Promise<Uint8Array>;
}

/** The form Temporal's SDKs take as a `PayloadCodec`. */
export interface GzipCodec {
  encode(payloads: PackedPayload[]): Promise<PackedPayload[]>;
  decode(payloads: PackedPayload[]): Promise<PackedPayload[]>;
}

/** Payloads below this many bytes go as they are: packing them costs more than it saves. */
export const packFromBytes = 1024;

const packedEncoding = 'binary/countersign-gzip';
const innerKey = 'countersign-inner-encoding';
const text = {
  toBytes: (value: string) => Uint8Array.from(value, (letter) => letter.charCodeAt(0)),
  of: (bytes: Uint8Array | undefined) => (bytes ? String.fromCharCode(...bytes) : ''),
};

/**
 * A codec that packs with gzip. What is not packed passes unchanged, so plain payloads of other tools can be read.
 * A packed payload that cannot be unpacked passes unchanged too: the converter then names its encoding, and one bad
 * signal cannot stop a workflow for ever.
 */
export function gzipCodec({ gzip, gunzip }: Gzip): GzipCodec {
  const pack = async (payload: PackedPayload): Promise<PackedPayload> => {
    const { data, metadata } = payload;
    if (!data || data.length < packFromBytes) return payload;
    const inner = metadata?.['encoding'] ?? text.toBytes('');
    return {
      ...payload,
      metadata: { ...metadata, encoding: text.toBytes(packedEncoding), [innerKey]: inner },
      data: await gzip(data),
    };
  };
  const unpack = async (payload: PackedPayload): Promise<PackedPayload> => {
    const { data, metadata } = payload;
    if (!data || text.of(metadata?.['encoding']) !== packedEncoding) return payload;
    const { [innerKey]: inner = text.toBytes(''), ...rest } = metadata ?? {};
    try {
      return { ...payload, metadata: { ...rest, encoding: inner }, data: await gunzip(data) };
    } catch {
      return payload;
    }
  };
  return {
    encode: (payloads) => Promise.all(payloads.map(pack)),
    decode: (payloads) => Promise.all(payloads.map(unpack)),
  };
}
