// Imported first by every entry: zod's probe for `new Function` would break the strict content security policy.
import { z } from 'zod';

z.config({ jitless: true });
