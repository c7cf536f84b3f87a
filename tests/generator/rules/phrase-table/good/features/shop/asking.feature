Feature: F

  Scenario: S
    Given these ask:
      | who |
      | Ann |
    When somebody asks
    Then it is answered
