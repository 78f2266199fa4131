#include "monitor/probe_state.h"

static void settle(struct probe_state *state, enum health_status status,
                   int64_t since_ms)
{
    state->known = true;
    state->status = status;
    state->since_ms = since_ms;
    state->agreeing = 0;
}

bool probe_state_take(struct probe_state *state, enum health_status result,
                      int64_t now_ms)
{
    if (!state->known) {
        settle(state, result, now_ms);
        return true;
    }
    if (result == state->status) {
        state->agreeing = 0;
        return false;
    }
    if (state->agreeing == 0 || result != state->candidate) {
        state->candidate = result;
        state->candidate_since_ms = now_ms;
        state->agreeing = 0;
    }
    if (++state->agreeing < PROBE_CONFIRM)
        return false;
    settle(state, result, state->candidate_since_ms);
    return true;
}

bool probe_state_doubts(const struct probe_state *state)
{
    return state->agreeing > 0;
}
