/** What Flero tells the signed-in person, how often mails are sent, and the webhooks of the workspace. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";
import type { NewWebhook } from "../api/types.ts";

/** How many there are on a page of the list: what fits into it, twice. */
const PAGE = 20;

export const notificationsQuery = (isUnread: boolean) =>
  infiniteQueryOptions({
    queryKey: ["notifications", "list", { isUnread }],
    queryFn: ({ pageParam, signal }) => {
      const query = {
        limit: PAGE,
        ...(isUnread ? { unread: true } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return value(api.GET("/api/me/notifications", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

/** How many are not read. The events of the server bring it up to date; it is asked for once before the first. */
export const unreadQuery = queryOptions({
  queryKey: ["notifications", "unread"],
  staleTime: Number.POSITIVE_INFINITY,
  refetchOnWindowFocus: false,
  queryFn: async ({ signal }) => {
    const query = { unread: true, limit: 1 };
    return (await value(api.GET("/api/me/notifications", { params: { query }, signal }))).total;
  },
});

/** Marks some as read, or all. The list is not read again at once, so that nothing vanishes under the pointer. */
export function useMarkRead() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (ids?: readonly string[]) =>
      value(api.POST("/api/me/notifications/read", { body: ids ? { ids: [...ids] } : {} })),
    onSuccess: ({ unread }) => {
      queryClient.setQueryData(unreadQuery.queryKey, unread);
      return queryClient.invalidateQueries({ queryKey: ["notifications", "list"] });
    },
  });
}

export const mailSettingsQuery = queryOptions({
  queryKey: ["notifications", "mail"],
  queryFn: async ({ signal }) =>
    (await value(api.GET("/api/me/notifications/settings", { signal }))).email as Record<string, string>,
});

/** Chooses how often mails of a category are sent. What was chosen stands there at once. */
export function useChooseMail() {
  const queryClient = useQueryClient();
  const { queryKey } = mailSettingsQuery;
  return useMutation({
    mutationFn: (change: Record<string, string>) =>
      value(api.PUT("/api/me/notifications/settings", { body: { email: change } })),
    onMutate: (change) => {
      const before = queryClient.getQueryData(queryKey);
      if (before) queryClient.setQueryData(queryKey, { ...before, ...change });
      return before;
    },
    onError: (_error, _change, before) => before && queryClient.setQueryData(queryKey, before),
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  });
}

export const webhooksQuery = queryOptions({
  queryKey: ["notifications", "webhooks"],
  queryFn: async ({ signal }) => (await value(api.GET("/api/notifications/webhooks", { signal }))).items,
});

export const webhookActs = {
  create: (body: NewWebhook) => value(api.POST("/api/notifications/webhooks", { body })),
  test: (id: string) =>
    value(api.POST("/api/notifications/webhooks/{id}/test", { params: { path: { id } }, body: {} })),
  remove: (id: string) => value(api.DELETE("/api/notifications/webhooks/{id}", { params: { path: { id } } })),
};

/** A mutation of one of the acts. */
export function useWebhookAct<In, Out>(act: (given: In) => Promise<Out>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    // The secret of a new webhook must not stay in the cache of finished calls.
    gcTime: 0,
    onSettled: () => queryClient.invalidateQueries({ queryKey: webhooksQuery.queryKey }),
  });
}
