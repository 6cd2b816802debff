import { newApi } from '#lib/server/route.ts';

export const chatRoutes = newApi();
