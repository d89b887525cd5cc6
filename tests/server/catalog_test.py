import unittest

from grpc import StatusCode

import shop
from shop import CATALOG

LAMP = {
    "title": "Floor lamp",
    "kind": "PRODUCT_KIND_PHYSICAL",
    "price": {"currencyCode": "EUR", "amountMinor": "8900"},
    "categoryIds": ["lighting"],
    "shipping": {"weightGrams": 5000, "handlingTime": "86400s"},
}


class ReadTest(shop.ShopTest):
    def search(self, **request):
        return self.shop.catalog.call(CATALOG + "SearchProducts", request)

    def ids(self, **request):
        return [product.product_id for product in self.search(**request).products]

    def test_product_has_all_kinds_of_fields(self):
        product = self.shop.catalog.call(CATALOG + "GetProduct", {"productId": "prod-1001"})
        self.assertEqual(product.title, "Wireless headphones")
        self.assertEqual(product.price.amount_minor, 19900)
        self.assertEqual(product.sale_price_minor.value, 17900)
        self.assertEqual(product.attributes["battery_hours"], 30)
        self.assertEqual(dict(product.bulk_discounts), {5: 5, 10: 10})
        self.assertEqual(product.stock["vie"].available, 30)
        self.assertEqual(product.shipping.handling_time.seconds, 86400)
        self.assertEqual(product.create_time.ToJsonString(), "2026-01-01T10:00:00Z")
        self.assertTrue(product.thumbnail_png.startswith(b"\x89PNG"))

    def test_read_mask_cuts(self):
        product = self.shop.catalog.call(
            CATALOG + "GetProduct",
            {"productId": "prod-1001", "readMask": "title,price.amountMinor"},
        )
        self.assertEqual(
            {field.name for field, _ in product.ListFields()}, {"title", "price"}
        )
        self.assertEqual(product.price.currency_code, "")

    def test_bad_read_mask(self):
        failure = self.fails(
            StatusCode.INVALID_ARGUMENT,
            lambda: self.shop.catalog.call(
                CATALOG + "GetProduct", {"productId": "prod-1001", "readMask": "colour"}
            ),
        )
        self.assertEqual(failure.fields(), ["read_mask"])

    def test_unknown_product(self):
        for product_id in ("prod-1", "prod-01001", ""):
            failure = self.fails(
                StatusCode.NOT_FOUND,
                lambda: self.shop.catalog.call(
                    CATALOG + "GetProduct", {"productId": product_id}
                ),
            )
            resource = failure.details["ResourceInfo"]
            self.assertEqual(resource.resource_type, "shop.catalog.v1.Product")
            self.assertEqual(resource.resource_name, product_id)

    def test_batch_names_what_is_missing(self):
        found = self.shop.catalog.call(
            CATALOG + "BatchGetProducts", {"productIds": ["prod-1002", "prod-9", "prod-1001"]}
        )
        self.assertEqual(sorted(found.products), ["prod-1001", "prod-1002"])
        self.assertEqual(list(found.missing_ids), ["prod-9"])

    def test_deprecated_method_still_works(self):
        product = self.shop.catalog.call(CATALOG + "FindProduct", {"legacySku": "B-03"})
        self.assertEqual(product.product_id, "prod-1005")

    def test_search_conditions(self):
        for conditions, ids in (
            ({"query": "HEADPHONES on-ear"}, ["prod-1002"]),
            ({"categoryId": "audio"}, ["prod-1001", "prod-1002", "prod-1003", "prod-1004"]),
            ({"categoryId": "audio", "inStock": True}, ["prod-1001", "prod-1002", "prod-1003"]),
            ({"minPriceMinor": "17900", "maxPriceMinor": "17900"}, ["prod-1001"]),
            ({"maxPriceMinor": "0"}, ["prod-1012"]),
            ({"kinds": ["PRODUCT_KIND_DIGITAL"]}, ["prod-1010", "prod-1011", "prod-1012"]),
            ({"attributes": {"wireless": True}}, ["prod-1001", "prod-1004"]),
            ({"attributes": {"layouts": ["DE", "US"]}}, ["prod-1005"]),
            ({"query": "no such thing"}, []),
        ):
            with self.subTest(conditions):
                self.assertEqual(self.ids(**conditions), ids)

    def test_search_orders(self):
        for order, ids in (
            ("PRICE_ASCENDING", ["prod-1002", "prod-1004", "prod-1001", "prod-1003"]),
            ("PRICE_DESCENDING", ["prod-1003", "prod-1001", "prod-1004", "prod-1002"]),
            ("RATING", ["prod-1001", "prod-1003", "prod-1004", "prod-1002"]),
        ):
            with self.subTest(order):
                self.assertEqual(self.ids(categoryId="audio", sortOrder=order), ids)

    def test_pages_cover_everything_once(self):
        ids, token, pages = [], "", 0
        while True:
            page = self.search(pageSize=5, pageToken=token)
            self.assertEqual(page.total_size, 12)
            ids += [product.product_id for product in page.products]
            pages += 1
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(pages, 3)
        self.assertEqual(ids, [f"prod-{number}" for number in range(1001, 1013)])

    def test_page_token_belongs_to_the_conditions(self):
        token = self.search(pageSize=1).next_page_token
        self.assertEqual(self.ids(pageSize=2, pageToken=token), ["prod-1002", "prod-1003"])
        for request in (
            {"pageToken": token, "query": "headphones"},
            {"pageToken": "AAAA"},
            {"pageToken": "%"},
            {"pageToken": token[:-4]},
        ):
            with self.subTest(request):
                failure = self.fails(
                    StatusCode.INVALID_ARGUMENT, lambda: self.search(**request)
                )
                self.assertEqual(failure.fields(), ["page_token"])

    def test_bad_search(self):
        for request, field in (
            ({"pageSize": -1}, "page_size"),
            ({"categoryId": "cars"}, "category_id"),
            ({"minPriceMinor": "2", "maxPriceMinor": "1"}, "max_price_minor"),
        ):
            with self.subTest(request):
                failure = self.fails(
                    StatusCode.INVALID_ARGUMENT, lambda: self.search(**request)
                )
                self.assertEqual(failure.fields(), [field])

    def test_category_tree(self):
        tree = self.shop.catalog.call(CATALOG + "ListCategories")
        self.assertEqual(
            [(top.category_id, top.product_count) for top in tree.categories],
            [("electronics", 6), ("home", 3), ("media", 3)],
        )
        storage = tree.categories[0].children[1].children[1]
        self.assertEqual(storage.children[0].category_id, "ssd")
        self.assertEqual(storage.children[0].product_count, 1)

    def test_category_depth(self):
        tree = self.shop.catalog.call(
            CATALOG + "ListCategories", {"rootCategoryId": "electronics", "maxDepth": 2}
        )
        (root,) = tree.categories
        self.assertEqual([child.category_id for child in root.children], ["audio", "computing"])
        self.assertEqual([len(child.children) for child in root.children], [0, 0])
        self.fails(
            StatusCode.NOT_FOUND,
            lambda: self.shop.catalog.call(
                CATALOG + "ListCategories", {"rootCategoryId": "cars"}
            ),
        )


class WriteTest(shop.ShopTest):
    def create(self, **changes):
        return self.shop.catalog.call(CATALOG + "CreateProduct", {"product": {**LAMP, **changes}})

    def update(self, product, mask=None):
        return self.shop.catalog.call(
            CATALOG + "UpdateProduct",
            {"product": product, **({"updateMask": mask} if mask is not None else {})},
        )

    def test_create_ignores_what_the_service_sets(self):
        product = self.create(productId="prod-1", rating=5, stock={"vie": {"available": 7}})
        self.assertRegex(product.product_id, "^prod-1[0-9]{3}$")
        self.assertFalse(product.HasField("rating"))
        self.assertFalse(product.stock)
        self.assertTrue(product.HasField("create_time"))

    def test_create_names_every_bad_field(self):
        failure = self.fails(
            StatusCode.INVALID_ARGUMENT,
            lambda: self.create(
                title="",
                price={"currencyCode": "USD", "amountMinor": "-1"},
                salePriceMinor="5",
                categoryIds=["lighting", "cars"],
                bulkDiscounts={"1": 5},
                gtin="10000000000000",
                thumbnailPng="R0lG",
                kind="PRODUCT_KIND_DIGITAL",
            ),
        )
        self.assertEqual(
            failure.fields(),
            [
                "product.title",
                "product.price.currency_code",
                "product.price.amount_minor",
                "product.sale_price_minor",
                "product.bulk_discounts[1]",
                "product.download",
                "product.category_ids[1]",
                "product.gtin",
                "product.thumbnail_png",
            ],
        )

    def test_update_changes_only_the_mask(self):
        before = self.create(description="old", labels={"color": "red", "size": "L"})
        after = self.update(
            {
                "productId": before.product_id,
                "title": "Not listed",
                "price": {"currencyCode": "USD", "amountMinor": "7900"},
                "labels": {"color": "blue"},
            },
            "price.amountMinor,labels,description",
        )
        self.assertEqual(after.title, before.title)
        self.assertEqual((after.price.currency_code, after.price.amount_minor), ("EUR", 7900))
        self.assertEqual(dict(after.labels), {"color": "blue"})
        self.assertEqual(after.description, "")
        self.assertNotEqual(after.etag, before.etag)
        self.assertEqual(after.create_time, before.create_time)

    def test_update_without_mask_changes_what_is_set(self):
        before = self.create(description="kept")
        after = self.update({"productId": before.product_id, "title": "Renamed", "rating": 1})
        self.assertEqual((after.title, after.description), ("Renamed", "kept"))
        self.assertFalse(after.HasField("rating"))

    def test_update_checks_the_mask_and_the_result(self):
        product_id = self.create().product_id
        for mask, fields in (
            ("colour", ["update_mask"]),
            ("rating,productId", ["update_mask", "update_mask"]),
            ("title", ["product.title"]),
            ("shipping", ["product.shipping"]),
        ):
            with self.subTest(mask):
                failure = self.fails(
                    StatusCode.INVALID_ARGUMENT,
                    lambda: self.update({"productId": product_id}, mask),
                )
                self.assertEqual(failure.fields(), fields)
        self.fails(
            StatusCode.NOT_FOUND, lambda: self.update({"productId": "prod-1"}, "description")
        )

    def test_update_with_an_old_etag(self):
        old = self.create()
        new = self.update({"productId": old.product_id, "title": "A", "etag": old.etag}, "title")
        failure = self.fails(
            StatusCode.ABORTED,
            lambda: self.update(
                {"productId": old.product_id, "title": "B", "etag": old.etag}, "title"
            ),
        )
        error = failure.details["ErrorInfo"]
        self.assertEqual((error.reason, error.domain), ("ETAG_MISMATCH", "shop.example"))
        self.assertEqual(error.metadata["current_etag"], new.etag)

    def test_delete(self):
        product_id = self.create().product_id
        self.shop.catalog.call(CATALOG + "DeleteProduct", {"productId": product_id})
        self.fails(
            StatusCode.NOT_FOUND,
            lambda: self.shop.catalog.call(CATALOG + "DeleteProduct", {"productId": product_id}),
        )

    def test_import(self):
        existing = self.create().product_id
        items = [
            {"product": {**LAMP, "title": "First"}},
            {"product": {**LAMP, "title": ""}},
            {"product": {**LAMP, "title": "Replaced", "productId": existing}},
            {"product": {**LAMP, "productId": "prod-9"}},
        ]
        imported = lambda options: self.shop.catalog.call(
            CATALOG + "ImportProducts", [{"options": options}, *items] if options else items
        )
        title = lambda: self.shop.catalog.call(
            CATALOG + "GetProduct", {"productId": existing}
        ).title

        checked = imported({"validateOnly": True, "replaceExisting": True})
        self.assertEqual((checked.created_count, checked.replaced_count), (1, 1))
        self.assertEqual(title(), LAMP["title"])

        without = imported(None)
        self.assertEqual((without.created_count, without.replaced_count), (1, 0))
        self.assertEqual(
            [(failure.index, failure.status.code) for failure in without.failures],
            [(1, 3), (2, 6), (3, 5)],
        )
        self.assertIn("title", without.failures[0].status.message)
        self.assertEqual(len(without.failures[0].status.details), 1)

        replaced = imported({"replaceExisting": True})
        self.assertEqual((replaced.created_count, replaced.replaced_count), (1, 1))
        self.assertEqual(title(), "Replaced")

    def test_import_of_nothing_and_of_nonsense(self):
        empty = self.shop.catalog.call(CATALOG + "ImportProducts", [])
        self.assertEqual((empty.created_count, len(empty.failures)), (0, 0))
        for items, field in (
            ([{"product": LAMP}, {"options": {}}], "options"),
            ([{}], "product"),
        ):
            failure = self.fails(
                StatusCode.INVALID_ARGUMENT,
                lambda: self.shop.catalog.call(CATALOG + "ImportProducts", items),
            )
            self.assertEqual(failure.fields(), [field])


if __name__ == "__main__":
    unittest.main()
