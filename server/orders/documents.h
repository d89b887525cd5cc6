// What is written about orders: invoices of the old shop, and export files. Pure functions; any
// thread.
#pragma once

#include <string>

#include "shop/orders/v1/legacy_invoice.pb.h"
#include "shop/orders/v1/order_service.pb.h"

namespace server::orders {

shop::orders::v1::LegacyInvoice ToInvoice(const shop::orders::v1::Order& order);

// The media type, what comes before all orders, and what stands for one order.
std::string ExportMediaType(shop::orders::v1::ExportOrdersRequest::Format format);
std::string ExportHeader(shop::orders::v1::ExportOrdersRequest::Format format);
std::string ExportRow(shop::orders::v1::ExportOrdersRequest::Format format,
                      const shop::orders::v1::Order& order);

}  // namespace server::orders
