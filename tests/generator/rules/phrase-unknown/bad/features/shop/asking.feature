Feature: Asking

  Scenario: One question
    Given the shop is open
    When somebody asks
    Then it was answered

  Scenario Outline: Many
    Given <who> asks
    When somebody asks
    Then it is answered

    Examples:
      | who   |
      | Bob   |
      | Carol |
