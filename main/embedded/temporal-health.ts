// Owns asking a Temporal server whether it serves, with two plain gRPC calls. Knows no SDK: that has its home in the core's gateway.
import { connect } from 'node:http2';

const healthCheck = '/grpc.health.v1.Health/Check';
const describeNamespace = '/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace';
const frontendService = 'temporal.api.workflowservice.v1.WorkflowService';
/** `HealthCheckResponse{status: SERVING}`. */
const serving = Buffer.from([0x08, 0x01]);

/** Whether the server at `host:port` serves and knows the namespace. Never rejects; `limitMs` bounds each of its two calls. */
export async function temporalServes(address: string, namespace: string, limitMs = 2_000): Promise<boolean> {
  const health = await unaryCall(address, healthCheck, textField1(frontendService), limitMs);
  if (health.status !== 0 || !health.message.equals(serving)) return false;
  // The health service says yes some moments before the namespaces can be used.
  const described = await unaryCall(address, describeNamespace, textField1(namespace), limitMs);
  return described.status === 0;
}

/** `status` is gRPC's code, -1 when there was no answer at all. */
type Answer = { status: number; message: Buffer };

function unaryCall(address: string, path: string, message: Buffer, limitMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const session = connect(`http://${address}`);
    const chunks: Buffer[] = [];
    const finish = (status: number): void => {
      clearTimeout(limit);
      session.destroy();
      // Five bytes before the message: one flag, four of length.
      resolve({ status, message: Buffer.concat(chunks).subarray(5) });
    };
    const limit = setTimeout(() => finish(-1), limitMs);
    session.on('error', () => finish(-1));
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => finish(-1));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    // An error without a message comes with its status in the headers, everything else in the trailers.
    for (const event of ['response', 'trailers'] as const) {
      stream.on(event, (headers: Record<string, unknown>) => {
        if (headers['grpc-status'] !== undefined) finish(Number(headers['grpc-status']));
      });
    }
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([frame, message]));
  });
}

/** A protobuf message whose field 1 is this text (shorter than 128 bytes). */
function textField1(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes]);
}
