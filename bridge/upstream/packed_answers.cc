#include "bridge/upstream/packed_answers.h"

#include <grpc/grpc.h>
#include <grpcpp/support/channel_arguments.h>

namespace bridge::upstream {

void AcceptPackedAnswers(::grpc::ChannelArguments* arguments) {
  arguments->SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET,
                    1 << GRPC_COMPRESS_NONE | 1 << GRPC_COMPRESS_GZIP);
  arguments->SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
}

}  // namespace bridge::upstream
