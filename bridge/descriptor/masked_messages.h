// What the paths of a google.protobuf.FieldMask are about (AIP-134, AIP-157, AIP-161). Nothing in a
// descriptor says so; names and neighbours do. Pure; any thread.
#pragma once

#include <span>
#include <vector>

#include "bridge/descriptor/graph.h"

namespace bridge::descriptor {

// In all of these `mask` is a field of `owner`, and `methods` are those that take `owner` as their
// request.

// The message beside the mask that it is about; null if it is about none of them.
const Message* MaskedNeighbour(const Message& owner, const Field& mask,
                               std::span<const Method* const> methods);

// A mask `book_mask` beside a message `book` is about it. Any other mask, but those that say they
// are about what is read, is about the only message beside it, or the one beside it that the method
// returns. All others are about the answer: its own fields, or those of the only message in it,
// such as the elements of a list. Messages in the order in which they have to be asked for the
// first name of a path; none if nothing says what the mask is about.
std::vector<const Message*> MaskedMessages(const Message& owner, const Field& mask,
                                           std::span<const Method* const> methods);

// True if the request says which fields the answer has: by a mask about it, or by a view (AIP-157).
bool ChoosesFields(const Method& method);

}  // namespace bridge::descriptor
